import { expect, test, vi } from 'vitest';
import type { CrewEvent, Reading, Round, StoredCrewEvent } from '@ronde/contracts';
import { createFakeClock, silentLog, uuidv7 } from '@ronde/kit';
import { openBus } from '@ronde/bus';
import { openReadings } from '@ronde/readings';
import { openRegistry } from '@ronde/registry';
import { onTestFinished } from 'vitest';
import { createCrewEvents } from './crew-events.ts';
import { asset, START_MS } from './fixtures.ts';
import { createLearnings } from './learnings.ts';
import { createVetoes } from './vetoes.ts';
import { createRests, loadRests } from './rests.ts';
import { createRoundStore } from './round-store.ts';
import { createVerdicts } from './verdicts.ts';

const TENANT = 'default';
const iso = (ms: number): string => new Date(ms).toISOString();

function aRound(): Round {
  const stop = {
    seq: 1,
    kind: 'asset' as const,
    lat: 52,
    lon: 5,
    eta: iso(START_MS),
    serviceS: 60,
    reason: 'r',
    status: 'planned' as const,
  };
  return {
    id: 'r1',
    version: 1,
    planId: 'p',
    vehicleId: 'truck-1',
    crewId: 'crew-1',
    status: 'published',
    startsAt: iso(START_MS),
    endsAt: iso(START_MS + 3_600_000),
    stops: [
      { ...stop, id: 's1', assetIds: ['bin-0', 'bin-1'], fraction: 'residual' },
      { ...stop, id: 's2', seq: 2, assetIds: ['bin-2'] },
    ],
    leftOut: [],
    distanceM: 0,
    durationS: 3600,
  };
}

async function openEvents() {
  const log = silentLog();
  const clock = createFakeClock(START_MS);
  const registry = await openRegistry('sqlite::memory:', { dataDir: '.', log });
  const readings = await openReadings('sqlite::memory:', { dataDir: '.', log });
  const bus = await openBus('memory:', log);
  onTestFinished(async () => {
    for (const store of [bus, readings, registry]) await store.close();
  });
  const chambers = [
    { id: '1', fraction: 'residual' as const },
    { id: '2', fraction: 'glass' as const },
  ];
  await registry.assets.putAll(TENANT, [{ ...asset(0), chambers }, asset(1), asset(2)]);
  for (const index of [0, 1, 2]) {
    await registry.devices.put(TENANT, {
      id: `dev-${index}`,
      typeId: 'plain',
      assetId: `bin-${index}`,
      createdAt: iso(START_MS),
      secretHash: `h${index}`,
    });
  }
  const rounds = createRoundStore({ registry, bus, clock, tenant: TENANT });
  const verdicts = createVerdicts({ registry, bus, clock, tenant: TENANT });
  const rests = createRests();
  const vetoes = createVetoes();
  const told: StoredCrewEvent[] = [];
  await rounds.save([{ round: aRound(), changes: [] }]);
  const events = createCrewEvents({
    registry,
    readings,
    bus,
    clock,
    log,
    rounds,
    tenant: TENANT,
    verdicts,
    rests,
    vetoes,
    learnings: createLearnings({ registry, tenant: TENANT }),
    levelOf: () => 0.9,
    onConsequence: (event) => told.push(event),
  });
  const fills = async (assetId: string) =>
    (await readings.lastValues({ tenant: TENANT, assetIds: [assetId], quantity: 'fill' })).map(
      ({ chamber, value, quality }) => `${chamber} ${value} ${quality}`,
    );
  return { registry, bus, clock, rounds, verdicts, rests, vetoes, events, told, fills };
}
const event = (stopId: string, kind: CrewEvent['kind'], more: Partial<CrewEvent> = {}): CrewEvent => ({
  id: uuidv7(START_MS),
  roundId: 'r1',
  roundVersion: 1,
  stopId,
  kind,
  deviceAt: iso(START_MS + 60_000),
  ...more,
});
const sensor = (index: number, minute: number, value: number, more: Partial<Reading> = {}): Reading => ({
  at: iso(START_MS + minute * 60_000),
  receivedAt: iso(START_MS),
  deviceId: `dev-${index}`,
  assetId: `bin-${index}`,
  chamber: '1',
  quantity: 'fill',
  value,
  unit: '1',
  quality: 'ok',
  flags: [],
  typeVersion: 'plain@1',
  uplinkId: `u${minute}`,
  ...more,
});

test('an emptied stop empties the chambers of its fraction at every asset, and leaves the others', async () => {
  const { events, fills } = await openEvents();
  expect(await events.take(event('s1', 'emptied'), 'crew-1')).toMatchObject({ status: 'stored' });
  expect(await fills('bin-0')).toEqual(['1 0 ok']);
  expect(await fills('bin-1')).toEqual(['1 0 ok']);
});

test('a crew that is back from a break, and one that reads its battery, tell the round and nothing of the bins', async () => {
  const { events, fills, rounds, told, registry } = await openEvents();
  const planned = {
    startsAt: iso(START_MS + 1_800_000),
    endsAt: iso(START_MS + 3_600_000),
    stopId: 's2',
    place: 'after',
  };
  await rounds.save([{ round: { ...(await rounds.get('r1'))!, breaks: [planned as never] } }]);
  const rested = event('s1', 'rested', { restedS: 900, deviceAt: iso(START_MS + 1_200_000), charge: 0.6 });
  expect(await events.take(rested, 'crew-1')).toMatchObject({ status: 'stored' });
  expect(await events.take(rested, 'crew-1')).toMatchObject({ status: 'duplicate' });
  await events.take(event('s1', 'arrived', { charge: 0.9 }), 'crew-1');
  const round = (await rounds.get('r1'))!;
  expect(round.breaks).toEqual([
    {
      startsAt: iso(START_MS + 300_000),
      endsAt: iso(START_MS + 1_200_000),
      stopId: 's1',
      place: 'before',
      taken: true,
    },
  ]);
  // the battery as it was told last, by the tablet's clock
  expect(round.charge).toEqual({ level: 0.6, at: iso(START_MS + 1_200_000) });
  expect(await fills('bin-0')).toEqual([]);
  expect(told.map(({ kind }) => kind)).toEqual(['rested', 'arrived']);
  expect((await registry.crewEvents.get(TENANT, rested.id))!.restedS).toBe(900);
});

test('a place that crews could not enter is remembered by the hour, and an emptied one by its crew', async () => {
  const { events, registry } = await openEvents();
  await events.take(event('s2', 'skipped', { reason: 'blocked' }), 'crew-1');
  await events.take(event('s1', 'emptied'), 'crew-1');
  const [blocked, served] = await Promise.all(['bin-2', 'bin-0'].map((id) => registry.stopLearnings.get(TENANT, id)));
  expect(blocked!.visits).toEqual([{ at: iso(START_MS + 60_000), reached: false }]);
  expect(served!.visits).toEqual([{ at: iso(START_MS + 60_000), reached: true }]);
  expect(served!.served).toEqual([{ crewId: 'crew-1', count: 1, at: iso(START_MS + 60_000) }]);
});

test('"full" with an asset is a reading, without one it is about the vehicle and says nothing of the bins', async () => {
  const { events, fills, rounds, told } = await openEvents();
  await events.take(event('s2', 'full'), 'crew-1');
  expect(await fills('bin-2')).toEqual([]);
  expect((await rounds.get('r1'))!.vehicleFull).toBe(true);
  await events.take(event('s2', 'full', { assetId: 'bin-2' }), 'crew-1');
  expect(await fills('bin-2')).toEqual(['1 1 censored']);
  expect(told.map(({ kind }) => kind)).toEqual(['full', 'full']);
});

test.each(['rounds', 'crewEvents'] as const)(
  'a registry that fails at the %s gives no acknowledgement, and the repeat mends what was half done',
  async (where) => {
    const { events, registry, rounds, fills } = await openEvents();
    const method = where === 'rounds' ? vi.spyOn(registry.rounds, 'putAll') : vi.spyOn(registry.crewEvents, 'insert');
    method.mockRejectedValueOnce(new Error('disk full'));
    const once = event('s2', 'emptied');
    await expect(events.take(once, 'crew-1')).rejects.toThrow('disk full');
    expect(await events.take(once, 'crew-1')).toMatchObject({ status: 'stored' });
    const stored = (await registry.rounds.get(TENANT, 'r1'))!;
    expect(stored.stops.find(({ id }) => id === 's2')!.status).toBe('done');
    expect((await rounds.get('r1'))!.stops.find(({ id }) => id === 's2')!.status).toBe('done');
    expect(await fills('bin-2')).toEqual(['1 0 ok']);
    expect(await registry.crewEvents.count(TENANT)).toBe(1);
  },
);

test('what an event names wrongly is rejected with the reason, for good', async () => {
  const { events } = await openEvents();
  const faults = await Promise.all([
    events.take(event('s1', 'emptied', { roundId: 'ghost' }), null),
    events.take(event('s1', 'emptied'), 'crew-2'),
    events.take(event('ghost', 'emptied'), 'crew-1'),
    events.take(event('s1', 'emptied', { assetId: 'bin-2' }), 'crew-1'),
  ]);
  expect(faults.map(({ fault }) => fault)).toEqual([
    'round ghost is not known',
    'round r1 belongs to another crew',
    'round r1 never had a stop ghost',
    'asset bin-2 is not at stop s1',
  ]);
});

test('a tablet that was offline reports a stop that a later version dropped: the bin is empty all the same', async () => {
  const { events, rounds, fills } = await openEvents();
  const round = aRound();
  await rounds.save([{ round: { ...round, version: 2, stops: round.stops.slice(0, 1) }, changes: [] }]);
  expect(await events.take(event('s2', 'emptied'), 'crew-1')).toMatchObject({ status: 'stored' });
  expect(await fills('bin-2')).toEqual(['1 0 ok']);
});

test('a blocked stop opens one incident, also when it is reported twice, and a clock far ahead is marked', async () => {
  const { events, registry, fills } = await openEvents();
  await events.take(event('s2', 'skipped', { reason: 'blocked' }), 'crew-1');
  await events.take(event('s2', 'skipped', { reason: 'blocked' }), 'crew-1');
  await events.take(event('s2', 'problem', { note: 'lid broken' }), 'crew-1');
  expect((await registry.incidents.all(TENANT)).map(({ kind, text }) => `${kind}: ${text}`).sort()).toEqual([
    'crew-problem: bin-2: lid broken',
    'stop-blocked: bin-2 could not be reached: blocked',
  ]);
  await events.take(event('s1', 'emptied', { deviceAt: '2031-01-01T00:00:00Z' }), 'crew-1');
  expect(await fills('bin-1')).toEqual(['1 0 ok']);
});

test('after a restart sensors still judge an emptying that named no asset: one that disagrees is enough', async () => {
  const { events, registry, bus, clock } = await openEvents();
  await events.take(event('s1', 'emptied'), 'crew-1');
  const restarted = createVerdicts({ registry, bus, clock, tenant: TENANT });
  await restarted.load();
  await restarted.apply([
    sensor(0, 10, 0.02),
    sensor(1, 10, 0.95, { quality: 'suspect' }),
    sensor(1, 11, 0.95),
    sensor(1, 12, 0.96),
  ]);
  expect(await registry.crewEvents.all(TENANT)).toMatchObject([{ sensorVerdict: 'contradicted' }]);
  expect(await registry.incidents.all(TENANT)).toMatchObject([{ kind: 'sensor-disagrees', assetId: 'bin-1' }]);
});

test('an emptying is confirmed when the sensors of all its assets agree', async () => {
  const { events, registry, verdicts } = await openEvents();
  await events.take(event('s1', 'emptied'), 'crew-1');
  await verdicts.apply([sensor(0, 10, 0.02)]);
  expect(await registry.crewEvents.all(TENANT)).toMatchObject([{ sensorVerdict: 'pending' }]);
  await verdicts.apply([sensor(1, 10, 0.03)]);
  expect(await registry.crewEvents.all(TENANT)).toMatchObject([{ sensorVerdict: 'confirmed' }]);
});

test('what crews saw before a restart still rests', async () => {
  const { events, registry, clock } = await openEvents();
  await events.take(event('s1', 'skipped', { reason: 'not-full' }), 'crew-1');
  await events.take(event('s2', 'skipped', { reason: 'no-time' }), 'crew-1');
  const rests = createRests();
  await loadRests(rests, { registry, tenant: TENANT, vetoes: createVetoes() });
  expect(rests.resting(clock.nowMs()).sort()).toEqual(['bin-0', 'bin-1']);
});

test('every version of a round is kept with its changes, progress makes no version, and a round that is over closes', async () => {
  const { rounds, registry, events, clock } = await openEvents();
  await events.take(event('s1', 'emptied'), 'crew-1');
  const change = { kind: 'removed' as const, stopId: 's2', text: 't' };
  const now = (await rounds.get('r1'))!;
  await rounds.save([{ round: { ...now, version: 2, stops: now.stops.slice(0, 1) }, changes: [change] }]);
  const versions = await registry.roundVersions.all(TENANT, { roundId: 'r1' });
  expect(versions.map(({ version, changes }) => [version, changes.length])).toEqual([
    [1, 0],
    [2, 1],
  ]);
  expect(await rounds.closeOver()).toMatchObject([{ id: 'r1', status: 'done' }]);
  expect(rounds.open()).toEqual([]);
  await rounds.save([{ round: { ...aRound(), id: 'r2' }, changes: [] }]);
  clock.advance(90 * 60_000);
  expect(await rounds.closeOver()).toEqual([]);
  clock.advance(60 * 60_000);
  expect(await rounds.closeOver()).toMatchObject([{ id: 'r2', status: 'done' }]);
});

test('open rounds are found again after a restart, each by the shift it starts in', async () => {
  const { registry, bus, clock } = await openEvents();
  const again = createRoundStore({ registry, bus, clock, tenant: TENANT });
  await again.load();
  expect(again.openIn('truck-1', { startMs: START_MS, endMs: START_MS + 1 })).toMatchObject({ id: 'r1' });
  expect(again.openIn('truck-1', { startMs: START_MS + 1, endMs: START_MS + 9 })).toBeUndefined();
});

test('a skip that an offline tablet tells late is shown beside the emptying, stored, and never overwrites it', async () => {
  const { events, rounds, registry } = await openEvents();
  const minute = (m: number): string => iso(START_MS + m * 60_000);
  expect(await events.take(event('s2', 'skipped', { reason: 'closed', deviceAt: minute(9) }), 'crew-1')).toMatchObject({
    status: 'stored',
  });
  // the other tablet was offline: it emptied the bin before, and says so after
  const ack = await events.take(event('s2', 'emptied', { deviceAt: minute(4) }), 'crew-1');
  expect(ack).toMatchObject({ status: 'stored', conflict: expect.stringMatching(/skipped \(closed\) at 06:09 UTC/) });
  const stop = (await rounds.get('r1'))!.stops.find(({ id }) => id === 's2')!;
  expect(stop).toMatchObject({
    status: 'done',
    endedAt: minute(4),
    conflicts: [{ kind: 'skipped', reason: 'closed', code: 'emptied-before', emptiedAt: minute(4) }],
  });
  expect(await registry.crewEvents.count(TENANT, { roundId: 'r1' })).toBe(2);
  expect(await registry.incidents.all(TENANT, { kind: 'stop-blocked' })).toHaveLength(1);
  expect((await registry.incidents.all(TENANT, { kind: 'crew-problem' }))[0]).toMatchObject({
    text: expect.stringMatching(/contradict/),
    report: { kind: 'emptied', conflict: { code: 'emptied-before' } },
  });
});

test('what a crew emptied offline after a plan gave it away is shown to the crew that has it now', async () => {
  const { events, rounds } = await openEvents();
  const first = aRound();
  const other: Round = { ...aRound(), id: 'r2', vehicleId: 'truck-2', crewId: 'crew-2', stops: [first.stops[1]!] };
  await rounds.save([
    { round: { ...first, version: 2, stops: [first.stops[0]!] }, changes: [] },
    { round: other, changes: [] },
  ]);
  const ack = await events.take(event('s2', 'emptied'), 'crew-1');
  expect(ack.conflict).toMatch(/emptied at 06:01 UTC by truck-1 already, and still in the round of truck-2/);
  const [own, theirs] = [(await rounds.get('r1'))!, (await rounds.get('r2'))!];
  expect(own.stops.map(({ id, status }) => `${id} ${status}`)).toEqual(['s2 done', 's1 planned']);
  expect(theirs.stops[0]).toMatchObject({
    status: 'planned',
    conflicts: [{ code: 'emptied-elsewhere', vehicleId: 'truck-1' }],
  });
});

test('a declined stop counts as skipped, is vetoed for that vehicle, and teaches', async () => {
  const { events, rounds, vetoes, registry } = await openEvents();
  await events.take(event('s2', 'declined', { reason: 'unsafe' }), 'crew-1');
  expect((await rounds.get('r1'))!.stops[0]).toMatchObject({ id: 's2', status: 'skipped' });
  expect(vetoes.isVetoed('truck-1', 'bin-2', START_MS)).toBe(true);
  expect(vetoes.isVetoed('truck-2', 'bin-2', START_MS)).toBe(false);
  expect(vetoes.isVetoed('truck-1', 'bin-2', START_MS + 24 * 3_600_000)).toBe(false);
  expect(await registry.stopLearnings.get(TENANT, 'bin-2')).toMatchObject({
    declines: [{ vehicleId: 'truck-1', reason: 'unsafe' }],
  });
});
