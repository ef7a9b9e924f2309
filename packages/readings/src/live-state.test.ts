import { expect, onTestFinished, test } from 'vitest';
import { createFakeClock, silentLog } from '@ronde/kit';
import { HOUR_MS, MINUTE_MS, T0, testReading } from './conformance-fixtures.ts';
import { createLiveState, type LiveState } from './live-state.ts';
import { openReadings } from './open.ts';
import type { ReadingsStore } from './port.ts';

const at = (minutes: number): string => new Date(T0 + minutes * MINUTE_MS).toISOString();
const NO_STORE: Pick<ReadingsStore, 'lastValues' | 'series'> = {
  lastValues: async () => [],
  series: async () => ({ items: [] }),
};

function live(expectedS: number | undefined = 900, readings = NO_STORE) {
  const clock = createFakeClock(T0);
  return { clock, state: createLiveState({ readings, clock, tenant: 't', expectedIntervalS: () => expectedS }) };
}
const fill = (state: LiveState): (number | null)[] => [state.get('a').fill];

test('an asset of which nothing was measured is unknown, not empty', () => {
  const { state } = live();
  expect(state.get('a')).toEqual({ fill: null, at: null, quality: null, silent: false });
  expect(state.apply([testReading(0, 0.5, { assetId: null })])).toEqual([]);
  expect(state.all().size).toBe(0);
});

test('the latest by measurement time counts, whatever the order of arrival', () => {
  const { state } = live();
  expect(state.apply([testReading(10, 0.5)])).toEqual(['a']);
  expect(state.apply([testReading(5, 0.9)])).toEqual([]);
  expect(state.get('a')).toEqual({ fill: 0.5, at: at(10), quality: 'ok', silent: false });
  expect(state.apply([testReading(20, 0.1, { quality: 'suspect' }), testReading(15, 0.7)])).toEqual(['a']);
  expect(state.get('a')).toEqual({ fill: 0.1, at: at(20), quality: 'suspect', silent: false });
});

test('the fullest chamber stands for the asset', () => {
  const { state } = live();
  state.apply([testReading(0, 0.2, { chamber: 'l' }), testReading(1, 0.8, { chamber: 'r', quality: 'censored' })]);
  expect(state.get('a')).toMatchObject({ fill: 0.8, at: at(1), quality: 'censored' });
  state.apply([testReading(2, 0.1, { chamber: 'r' })]);
  expect(state.get('a')).toMatchObject({ fill: 0.2, at: at(0) });
  expect(state.chambers('a').map(({ chamber, fill: value }) => [chamber, value])).toEqual([
    ['l', 0.2],
    ['r', 0.1],
  ]);
  expect(state.chambers('b')).toEqual([]);
});

test('a chamber that gets its name later is not counted twice', () => {
  const { state } = live();
  state.apply([testReading(0, 0.9), testReading(1, 0.1, { chamber: '1' })]);
  expect(fill(state)).toEqual([0.1]);
});

test('invalid readings, those without value and other quantities leave the fill alone', () => {
  const { state } = live();
  state.apply([testReading(0, 0.5)]);
  const others = [
    testReading(1, 9, { quality: 'invalid' }),
    testReading(2, null),
    testReading(3, 0.9, { quantity: 'battery' }),
  ];
  expect(state.apply(others)).toEqual([]);
  expect(fill(state)).toEqual([0.5]);
});

test('a bin emptied by the crew drops before the next uplink, and an older uplink does not fill it again', () => {
  const { state } = live();
  state.apply([testReading(0, 0.9)]);
  state.apply([testReading(10, 0, { deviceId: 'crew-v1', flags: ['CREW_EMPTIED'] })]);
  state.apply([testReading(5, 0.95)]);
  expect(fill(state)).toEqual([0]);
});

test.each([{ expectedS: 900 }, { expectedS: 7_200 }])(
  'a sensor expected each $expectedS s may miss two uplinks, is silent after twelve, and heard again at its next word',
  ({ expectedS }) => {
    const { clock, state } = live(expectedS);
    const everyMs = expectedS * 1000;
    state.apply([testReading(0, 0.5)]);
    clock.advance(3 * everyMs);
    expect(state.sweep()).toEqual([]);
    clock.advance(10 * everyMs);
    expect(state.sweep()).toEqual(['a']);
    expect(state.get('a')).toMatchObject({ silent: true, fill: 0.5 });
    expect(state.sweep()).toEqual([]);
    expect(state.apply([testReading((13 * everyMs) / MINUTE_MS, 0.6)])).toEqual(['a']);
    expect(state.get('a').silent).toBe(false);
  },
);

test('a sensor that loses every other uplink is given more time than one that loses none', () => {
  const hourly = (step: (i: number) => number): ReturnType<typeof live> => {
    const scene = live(3_600);
    let minutes = 0;
    for (let i = 0; i < 200; i++) {
      minutes += 60 * step(i);
      scene.state.apply([testReading(minutes, 0.5)]);
    }
    scene.clock.advance(minutes * MINUTE_MS + 7 * HOUR_MS);
    return scene;
  };
  expect(hourly(() => 1).state.sweep()).toEqual(['a']);
  expect(hourly((i) => 1 + (i % 3)).state.sweep()).toEqual([]);
});

test('crews do not break a sensor’s silence, though what they find counts', () => {
  const { clock, state } = live();
  state.apply([testReading(0, 0.5)]);
  clock.advance(3 * HOUR_MS);
  state.apply([testReading(170, 0, { deviceId: 'crew-v1', flags: ['CREW_EMPTIED'] })]);
  expect(state.get('a')).toMatchObject({ fill: 0, silent: true });
});

test('an asset that only crews report on is never silent', () => {
  const { clock, state } = live();
  state.apply([testReading(0, 0, { deviceId: 'crew-v1', flags: ['CREW_EMPTIED'] })]);
  clock.advance(48 * HOUR_MS);
  expect(state.sweep()).toEqual([]);
});

test('a backlog that arrives late and invalid readings show that the sensor lives', () => {
  const { clock, state } = live();
  state.apply([testReading(0, 0.5)]);
  clock.advance(3 * HOUR_MS);
  state.apply([testReading(30, 9, { quality: 'invalid', receivedAt: at(180) })]);
  expect(state.sweep()).toEqual([]);
  expect(state.get('a').silent).toBe(false);
});

test('history read in now does not make a dead sensor look alive', () => {
  const { clock, state } = live();
  clock.advance(5 * HOUR_MS);
  state.apply([testReading(0, 0.5, { receivedAt: at(300), flags: ['HISTORY'] })]);
  expect(state.get('a').silent).toBe(true);
});

test('one dead sensor of two chambers is told, a replaced one is not', () => {
  const { clock, state } = live();
  state.apply([testReading(0, 0.5, { chamber: 'l' }), testReading(0, 0.5, { chamber: 'r', deviceId: 'e' })]);
  clock.advance(3 * HOUR_MS);
  state.apply([testReading(180, 0.5, { chamber: 'l' })]);
  expect(state.get('a').silent).toBe(true);
  state.apply([testReading(180, 0.5, { chamber: 'r', deviceId: 'f' })]);
  expect(state.get('a').silent).toBe(false);
});

test('the usual gap of a device without expected interval is learned, also over a start', async () => {
  const store = await openReadings('sqlite::memory:', { dataDir: '', log: silentLog() });
  onTestFinished(() => store.close());
  const readings = Array.from({ length: 6 }, (_, i) => testReading(i * 180, i / 10));
  await store.append({ tenant: 't', readings });
  const learned = createLiveState({
    readings: NO_STORE,
    clock: createFakeClock(T0),
    tenant: 't',
    expectedIntervalS: () => undefined,
  });
  learned.apply(readings);
  const clock = createFakeClock(T0 + 21 * HOUR_MS);
  const loaded = createLiveState({ readings: store, clock, tenant: 't', expectedIntervalS: () => undefined });
  await loaded.load();
  expect(loaded.get('a')).toEqual({ fill: 0.5, at: at(900), quality: 'ok', silent: false });
  clock.advance(24 * HOUR_MS);
  expect(loaded.sweep()).toEqual(['a']);
});

test('loading gives the same state as having seen everything', async () => {
  const store = await openReadings('sqlite::memory:', { dataDir: '', log: silentLog() });
  onTestFinished(() => store.close());
  const readings = [
    testReading(0, 0.9),
    testReading(30, 0.2),
    testReading(20, 0.7, { chamber: '2' }),
    testReading(40, 0.8, { quality: 'invalid', chamber: '2' }),
    testReading(10, 12, { assetId: 'b', deviceId: 'e', quantity: 'temperature' }),
    testReading(15, 0.3, { deviceId: 'crew-v', flags: ['CREW_EMPTIED'] }),
  ];
  await store.append({ tenant: 't', readings });
  const seen = live();
  seen.state.apply(readings);
  const loaded = live(900, store);
  await loaded.state.load();
  expect([...loaded.state.all()].sort()).toEqual([...seen.state.all()].sort());
  expect(loaded.state.chambers('a')).toEqual(seen.state.chambers('a'));
  loaded.state.remove('a');
  expect([...loaded.state.all().keys()]).toEqual(['b']);
});

test('a sensor that died before its crew came is still silent after a start', async () => {
  const store = await openReadings('sqlite::memory:', { dataDir: '', log: silentLog() });
  onTestFinished(() => store.close());
  await store.append({
    tenant: 't',
    readings: [testReading(0, 0.9), testReading(150, 0, { deviceId: 'crew-v', flags: ['CREW_EMPTIED'] })],
  });
  const { clock, state } = live(900, store);
  clock.advance(3 * HOUR_MS);
  await state.load();
  expect(state.get('a')).toMatchObject({ fill: 0, silent: true });
});

test('an asset whose readings were corrected has the state that the store has now', async () => {
  const store = await openReadings('sqlite::memory:', { dataDir: '', log: silentLog() });
  onTestFinished(() => store.close());
  const readings = [testReading(0, 0.3), testReading(1, 0.99)];
  await store.append({ tenant: 't', readings });
  const { state } = live(900, store);
  await state.load();
  expect(fill(state)).toEqual([0.99]);
  const [, { deviceId, quantity, at: when, uplinkId }] = readings as [unknown, (typeof readings)[0]];
  await store.correct({ tenant: 't', readings: [], remove: [{ deviceId, quantity, at: when, uplinkId }] });
  expect(await state.reload(['a', 'b'])).toEqual(['a']);
  expect(fill(state)).toEqual([0.3]);
  expect(await state.reload(['a'])).toEqual([]);
});

test('a reading that arrives while an asset is read again is not lost behind the older answer', async () => {
  const answer = Promise.withResolvers<Awaited<ReturnType<ReadingsStore['lastValues']>>>();
  const { state } = live(900, { ...NO_STORE, lastValues: () => answer.promise });
  state.apply([testReading(0, 0.9)]);
  const reloading = state.reload(['a']);
  await new Promise((resolve) => setImmediate(resolve));
  state.apply([testReading(5, 0.6)]);
  answer.resolve([testReading(0, 0.2)]);
  await reloading;
  expect(fill(state)).toEqual([0.6]);
});
