import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { createCity } from '../city/create-city.ts';
import { HOUR_MS } from '../clock.ts';
import { FAULT_MIXES } from '../faults/mixes.ts';
import { runFleet } from '../testing.ts';
import type { Posting } from './engine.ts';

const city = createCity({ seed: 6, share: 0.15 });
const startMs = Date.UTC(2026, 8, 14, 6);
let sensorTypes: SensorTypes;
beforeAll(async () => {
  sensorTypes = await openSensorTypes();
});
afterAll(() => sensorTypes.close());

interface SampleLine {
  at: string;
  deviceId: string;
  distanceM: number | null;
  fCnt: number;
  fate: string;
  signs: string[];
}

/** Bytes, port and counter of a message, whatever it is wrapped in. */
function payloadOf({
  message,
  device,
}: Posting): { deviceId: string; fPort: number; bytes: Uint8Array; fCnt: number }[] {
  const body = JSON.parse(message.body as string) as Record<string, unknown>;
  const up = (body['uplink_message'] ?? body) as Record<string, unknown>;
  const data = up['frm_payload'] ?? up['data'];
  if (typeof data !== 'string') return [];
  return [
    {
      deviceId: city.devices[device]!.id,
      fPort: Number(up['f_port'] ?? up['fPort']),
      bytes: Buffer.from(data, 'base64'),
      fCnt: Number(up['f_cnt'] ?? up['fCnt'] ?? 0),
    },
  ];
}

describe('createEngine', () => {
  test('without faults every measurement arrives, and its bytes decode to the distance of the ground truth', async () => {
    const { postings, truth } = await runFleet({ fleet: city, mix: {}, hours: 1 });
    const samples = truth.of<SampleLine>('sample');
    expect(samples.length).toBeGreaterThan(city.devices.length * 2);
    expect(postings).toHaveLength(samples.length);
    const types = new Map(city.devices.map(({ id, typeId }) => [id, typeId]));
    const byKey = new Map(samples.map((line) => [`${line.deviceId} ${line.fCnt}`, line]));
    for (const payload of postings.flatMap(payloadOf)) {
      const decoded = await sensorTypes.decode(types.get(payload.deviceId)!, {
        bytes: payload.bytes,
        fPort: payload.fPort,
        recvTime: new Date(startMs).toISOString(),
      });
      const distance = decoded.ok ? decoded.values.find(({ quantity }) => quantity === 'distance') : undefined;
      const { distanceM } = byKey.get(`${payload.deviceId} ${payload.fCnt}`)!;
      // the LDDS75 says one code for everything under 28 cm
      if (distance?.value !== null) expect(distance?.value, payload.deviceId).toBeCloseTo(distanceM!, 2);
      else expect(distanceM).toBeLessThan(0.3);
    }
  });

  test('the same seed gives the same messages and the same ground truth, another seed others', async () => {
    const [first, second] = [
      await runFleet({ fleet: city, mix: FAULT_MIXES['city']!, hours: 2 }),
      await runFleet({ fleet: city, mix: FAULT_MIXES['city']!, hours: 2 }),
    ];
    const bytes = ({ postings }: { postings: Posting[] }) => postings.map(({ message, atMs }) => [atMs, message]);
    expect(bytes(second)).toEqual(bytes(first));
    expect(second.truth.lines).toEqual(first.truth.lines);
    const other = await runFleet({ fleet: { ...city, seed: 7 }, mix: FAULT_MIXES['city']!, hours: 2 });
    expect(other.postings.length).not.toBe(first.postings.length);
  });

  test('what is done in small steps is the same as in one', async () => {
    const whole = await runFleet({ fleet: city, mix: FAULT_MIXES['hard']!, hours: 3 });
    const parts: Posting[] = [];
    const { engine } = await runFleet({ fleet: city, mix: FAULT_MIXES['hard']!, hours: 0 });
    for (let minute = 0; minute <= 180; minute += 7)
      while (!engine.advance(startMs + minute * 60_000, (posting) => parts.push(posting), 13));
    engine.advance(startMs + 3 * HOUR_MS, (posting) => parts.push(posting));
    expect(parts.map(({ message }) => message)).toEqual(whole.postings.map(({ message }) => message));
  });

  test('with the faults of a city about a fifth is lost, some come twice, and the ground truth names what was wrong', async () => {
    const { postings, truth, engine } = await runFleet({ fleet: city, mix: FAULT_MIXES['city']!, hours: 6 });
    const samples = truth.of<SampleLine>('sample');
    const lost = samples.filter(({ fate }) => fate === 'lost').length;
    expect(lost / samples.length).toBeGreaterThan(0.12);
    expect(lost / samples.length).toBeLessThan(0.32);
    expect(engine.count).toMatchObject({ lost, reports: samples.length, published: postings.length });
    expect(engine.count.duplicates).toBeGreaterThan(0);
    const copies = truth.of<{ how: string }>('message').filter(({ how }) => how === 'copy').length;
    expect(copies).toBeGreaterThan(engine.count.duplicates * 0.5);
    expect(new Set(samples.flatMap(({ signs }) => signs)).has('spike')).toBe(true);
  });

  test('reports are spread evenly, not all at once', async () => {
    const { truth } = await runFleet({ fleet: city, mix: {}, hours: 2 });
    const late = truth.of<SampleLine>('sample').filter(({ at }) => Date.parse(at) > startMs + HOUR_MS);
    const perMinute = Map.groupBy(late, ({ at }) => at.slice(0, 16));
    const most = Math.max(...[...perMinute.values()].map((lines) => lines.length));
    expect(most).toBeLessThan((4 * late.length) / perMinute.size);
  });

  test('a fleet goes on from what it remembers: counters, charge, and what changed for good', async () => {
    const mix = { ...FAULT_MIXES['hard']!, swap: 100 };
    const { engine } = await runFleet({ fleet: city, mix, hours: 24 });
    const memory = JSON.parse(JSON.stringify(engine.memory())) as ReturnType<typeof engine.memory>;
    expect(Object.keys(memory)).toHaveLength(city.devices.length);
    for (const [fCnt, charge, session] of Object.values(memory))
      expect([Number.isInteger(fCnt), charge >= 0 && charge <= 1, Number.isInteger(session)]).toEqual([
        true,
        true,
        true,
      ]);
    expect(Object.values(memory).some(([, , , lasting]) => lasting?.swap !== undefined)).toBe(true);
  });

  test('the ground truth is whole: what lasts has a line with begin and end, what is sent otherwise has one too', async () => {
    const { truth, engine } = await runFleet({
      fleet: city,
      mix: { ...FAULT_MIXES['hard']!, fire: 200, outage: 60 },
      hours: 5 * 24,
    });
    const samples = truth.of<SampleLine & { level: number }>('sample');
    const faults = truth.of<{ name: string; deviceId: string; from: string; to: string | null }>('fault');
    expect(truth.of('device')).toHaveLength(city.devices.length);
    const covers = (name: string, { deviceId, at }: SampleLine): boolean =>
      faults.some(
        (fault) => fault.name === name && fault.deviceId === deviceId && fault.from <= at && at <= (fault.to ?? at),
      );
    for (const name of ['tilt', 'lid-open', 'stuck', 'ghost', 'swap', 'fire']) {
      const signed = samples.filter(({ signs }) => signs.includes(name));
      expect(signed.length, name).toBeGreaterThan(0);
      expect(signed.every((sample) => covers(name, sample))).toBe(true);
    }
    const kept = samples.filter(({ fate }) => fate === 'kept');
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every((sample) => covers('outage', sample))).toBe(true);
    const messages = Object.groupBy(truth.of<{ how: string }>('message'), ({ how }) => how);
    expect(messages['late']!.length + messages['backlog']!.length).toBeLessThanOrEqual(engine.count.late);
    expect(messages['backlog']!.length).toBeLessThanOrEqual(kept.length);
    const dead = faults.filter(({ name }) => name === 'battery');
    for (const { deviceId, from } of dead)
      expect(samples.some((sample) => sample.deviceId === deviceId && sample.at > from)).toBe(false);
    expect(samples.every(({ level }) => level >= 0 && level <= 1.2)).toBe(true);
  });
});
