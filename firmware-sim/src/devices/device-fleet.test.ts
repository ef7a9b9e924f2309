import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { createCity } from '../city/create-city.ts';
import { HOUR_MS } from '../clock.ts';
import { createWorld } from '../fill/world.ts';
import { createHandClock, createKeepingWire } from '../testing.ts';
import { openTruth } from '../truth.ts';
import { createDeviceFleet } from './device-fleet.ts';
import type { FaultMode } from './faults.ts';

const city = createCity({ seed: 6, share: 0.15 });
const startMs = Date.UTC(2026, 8, 14, 6);
const folder = mkdtempSync(join(tmpdir(), 'ronde-truth-'));
let sensorTypes: SensorTypes;
beforeAll(async () => {
  sensorTypes = await openSensorTypes();
});
afterAll(async () => {
  await sensorTypes.close();
  rmSync(folder, { recursive: true, force: true });
});

interface TruthLine {
  at: string;
  deviceId: string;
  distanceM: number | null;
  fCnt: number;
  fate: string;
  signs: string[];
}
type Message = { topic: string; body: Record<string, unknown> };
const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

async function run(
  mode: FaultMode,
  hours: number,
): Promise<{
  messages: Message[];
  truth: TruthLine[];
  count: { lost: number; duplicates: number; published: number };
}> {
  const clock = createHandClock(startMs);
  const wire = createKeepingWire();
  const file = join(folder, `${mode}-${Math.random()}.jsonl`);
  const truth = openTruth(file);
  const count = { published: 0, lost: 0, duplicates: 0, late: 0 };
  const fleet = createDeviceFleet({
    city,
    world: createWorld(city, { atMs: startMs }),
    clock,
    tenant: 'default',
    mode,
    seed: 6,
    encode: sensorTypes.encode,
    wireOf: () => wire,
    truth,
    count,
  });
  stops.push(() => fleet.stop());
  fleet.start();
  await clock.advance(hours * HOUR_MS, fleet.idle);
  fleet.stop();
  truth.close();
  return {
    messages: wire.messages,
    truth: readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TruthLine),
    count,
  };
}

/** Bytes, port and device of a message, whatever it is wrapped in. */
function payloadOf({
  topic,
  body,
}: Message): { deviceId: string; fPort: number; bytes: Uint8Array; fCnt: number } | undefined {
  const up = (body['uplink_message'] ?? body) as Record<string, unknown>;
  const data = up['frm_payload'] ?? up['data'];
  if (typeof data !== 'string') return undefined;
  const ids = body['end_device_ids'] as { device_id: string } | undefined;
  const info = body['deviceInfo'] as { deviceName: string } | undefined;
  const deviceId = ids?.device_id ?? info?.deviceName ?? topic.split('/')[2]!;
  return {
    deviceId,
    fPort: Number(up['f_port'] ?? up['fPort']),
    bytes: Buffer.from(data, 'base64'),
    fCnt: Number(up['f_cnt'] ?? up['fCnt'] ?? 0),
  };
}

describe('createDeviceFleet', () => {
  test('without faults every measurement arrives, and its bytes decode to the distance of the ground truth', async () => {
    const { messages, truth } = await run('none', 1);
    expect(truth.length).toBeGreaterThan(city.devices.length * 2);
    expect(messages).toHaveLength(truth.length);
    const types = new Map(city.devices.map(({ id, typeId }) => [id, typeId]));
    const byKey = new Map(truth.map((line) => [`${line.deviceId} ${line.fCnt}`, line]));
    for (const payload of messages.flatMap((message) => payloadOf(message) ?? [])) {
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

  test('the same seed gives the same messages', async () => {
    const [first, second] = [await run('city', 1), await run('city', 1)];
    expect(second.messages).toEqual(first.messages);
  });

  test('with the faults of a city about a fifth is lost, some come twice, and the ground truth names what was wrong', async () => {
    const { messages, truth, count } = await run('city', 6);
    const lost = truth.filter(({ fate }) => fate === 'lost').length / truth.length;
    expect(lost).toBeGreaterThan(0.12);
    expect(lost).toBeLessThan(0.32);
    expect(count.lost).toBe(truth.filter(({ fate }) => fate === 'lost').length);
    const texts = messages.map((message) => JSON.stringify(message));
    expect(new Set(texts).size).toBeLessThan(texts.length);
    expect(count.duplicates).toBeGreaterThan(0);
    expect(new Set(truth.flatMap(({ signs }) => signs)).has('spike')).toBe(true);
  });

  test('reports are spread evenly, not all at once', async () => {
    const { truth } = await run('none', 2);
    const late = truth.filter(({ at }) => Date.parse(at) > startMs + HOUR_MS);
    const perMinute = Map.groupBy(late, ({ at }) => at.slice(0, 16));
    const most = Math.max(...[...perMinute.values()].map((lines) => lines.length));
    expect(most).toBeLessThan((4 * late.length) / perMinute.size);
  });
});
