import { expect, test } from 'vitest';
import type { AssetInput, CrewEvent, Round, Stop, Vehicle } from '@ronde/contracts';
import { breaksOf, toBreakRules } from './break-rules.ts';
import { breaksHad, currentBreak, dutySoFar } from './duty-so-far.ts';
import { asset, START_MS, VEHICLE } from './fixtures.ts';
import { openPlannerFixture, planned } from './plan-fixture.ts';
import { advanceRound } from './stop-progress.ts';

const MINUTE_MS = 60_000;
const FILLS = Array.from({ length: 24 }, () => 0.95);
/** Work for a whole day: 17 minutes at each bin. */
const SLOW = FILLS.map((_, index): AssetInput => ({ ...asset(index), serviceTimeS: 1_000 }));
const TRUCK: Vehicle = { ...VEHICLE, capacityKg: 9_000 };

async function opened(vehicle: Partial<Vehicle> = {}, config: Record<string, unknown> = {}) {
  return openPlannerFixture(FILLS, {
    assets: SLOW,
    vehicles: [{ ...TRUCK, ...vehicle }],
    config: { SOLVE_S: 0.5, REPLAN_S: 0.5, ...config },
  });
}
/** The first round of a plan of nine hours. */
const roundOf = async (fixture: Awaited<ReturnType<typeof opened>>): Promise<Round> =>
  (await planned(fixture, 9)).round;
const ms = (at: string): number => Date.parse(at);
const lengths = ({ breaks = [] }: Round): number[] =>
  breaks.map(({ startsAt, endsAt }) => (ms(endsAt) - ms(startsAt)) / MINUTE_MS);

/** Drives a round by what it shows, and says when its crew is home: each stop after the work, the way and the rest before it. */
function drive({ stops, breaks = [], startsAt }: Round): number {
  let clockMs = ms(startsAt);
  const restMs = (stop: Stop, place: string): number =>
    breaks
      .filter((rest) => rest.stopId === stop.id && rest.place === place)
      .reduce((sum, rest) => sum + ms(rest.endsAt) - ms(rest.startsAt), 0);
  for (const stop of stops) {
    clockMs += (stop.legS ?? 0) * 1000 + restMs(stop, 'before');
    expect(Math.abs(clockMs - ms(stop.eta))).toBeLessThan(1_000);
    clockMs += (stop.serviceS ?? 0) * 1000 + restMs(stop, 'after');
  }
  return clockMs;
}

/** The crew does its next stops to the minute, without a break but those that `rested` says. */
function work(round: Round, count: number, rested?: { afterStops: number; seconds: number }): Round {
  let clockMs = ms(round.startsAt);
  return round.stops.slice(0, count).reduce((now, { id, legS = 0, serviceS = 0, assetIds }, index): Round => {
    const event = (kind: CrewEvent['kind'], more: Partial<CrewEvent> = {}): CrewEvent => ({
      id: `e-${index}-${kind}`,
      roundId: round.id,
      roundVersion: round.version,
      stopId: id,
      kind,
      deviceAt: new Date(clockMs).toISOString(),
      ...more,
    });
    clockMs += legS * 1000;
    let next = advanceRound(now, event('arrived'));
    clockMs += serviceS * 1000;
    next = advanceRound(next, event('emptied', assetIds.length > 0 ? { assetId: assetIds[0] } : {}));
    if (rested?.afterStops !== index + 1) return next;
    clockMs += rested.seconds * 1000;
    return advanceRound(next, event('rested', { restedS: rested.seconds }));
  }, round);
}

test('a shift of eight hours and a half has its half hour of break, shown in the round, and ETAs that reckon with it', async () => {
  const round = await roundOf(await opened());
  const total = lengths(round).reduce((sum, minutes) => sum + minutes, 0);
  expect(total).toBeGreaterThanOrEqual(30);
  expect(Math.min(...lengths(round))).toBeGreaterThanOrEqual(15);
  expect(round.breaks!.every(({ stopId }) => round.stops.some(({ id }) => id === stopId))).toBe(true);
  const lastMs = drive(round);
  expect(ms(round.endsAt)).toBeGreaterThanOrEqual(lastMs);
  expect((ms(round.endsAt) - ms(round.startsAt)) / MINUTE_MS - total).toBeGreaterThan(5.5 * 60);
});

test('a shift that is too short for a break, a vehicle without rules, and an installation without have none', async () => {
  const short = await roundOf(await opened({ shifts: [{ from: '07:00', to: '12:30' }] }));
  const free = await roundOf(await opened({ breakRules: [] }));
  const off = await roundOf(await opened({}, { BREAK_RULES: 'none' }));
  expect([short, free, off].map(({ breaks }) => breaks)).toEqual([undefined, undefined, undefined]);
});

test('a crew that has had its break is not sent on another one; one that worked on still owes it', async () => {
  for (const rested of [{ afterStops: 4, seconds: 1_800 }, undefined]) {
    const fixture = await opened();
    const round = work(await roundOf(fixture), 6, rested);
    await fixture.rounds.save([{ round }]);
    fixture.clock.advance(ms(round.stops[5]!.endedAt!) + (rested ? 0 : 1_000) - fixture.clock.nowMs());
    const next = await roundOf(fixture);
    const ahead = (next.breaks ?? []).filter(({ startsAt }) => ms(startsAt) >= fixture.clock.nowMs());
    expect(next.version).toBeGreaterThanOrEqual(round.version);
    expect(ahead.length > 0).toBe(rested === undefined);
    expect((next.breaks ?? []).filter(({ taken }) => taken)).toHaveLength(rested ? 1 : 0);
  }
});

test('what a crew did of its duty counts work, driving and rests, and a jam that nobody planned is work', async () => {
  const round = work(await roundOf(await opened()), 5, { afterStops: 2, seconds: 1_200 });
  const untilMs = ms(round.stops[4]!.endedAt!);
  const soFar = dutySoFar(round, untilMs);
  const drivenS = round.stops.slice(0, 5).reduce((sum, { legS = 0 }) => sum + legS, 0);
  expect(soFar.breakS).toBe(1_200);
  expect(soFar.workedS).toBe((untilMs - ms(round.startsAt)) / 1000 - 1_200);
  expect(soFar.sinceBreakS).toBe((untilMs - ms(round.stops[1]!.endedAt!)) / 1000 - 1_200);
  expect(Math.abs(soFar.drivenS - drivenS)).toBeLessThan(3);
  expect(soFar.firstPartTaken).toBe(true);
  const late = round.stops.map((stop, index) =>
    index < 3 || !stop.arrivedAt
      ? stop
      : {
          ...stop,
          arrivedAt: new Date(ms(stop.arrivedAt) + 40 * MINUTE_MS).toISOString(),
          endedAt: new Date(ms(stop.endedAt!) + 40 * MINUTE_MS).toISOString(),
        },
  );
  const jammed = dutySoFar({ ...round, stops: late }, untilMs + 40 * MINUTE_MS);
  expect([jammed.breakS, jammed.workedS]).toEqual([1_200, soFar.workedS + 2_400]);
});

/** A crew that has done the first of two stops; half an hour of break is planned behind it. */
function behindFirst(planned: { fromMinute: number; endedMinute: number }): Round {
  const [a, b] = ['a', 'b'].map((id, index): Stop => ({
    id,
    seq: index + 1,
    kind: 'asset',
    assetIds: [id],
    lat: 52,
    lon: 5,
    eta: iso(60 * index),
    legS: 600,
    serviceS: 300,
    reason: 'r',
    status: 'planned',
  }));
  return {
    id: 'r',
    version: 1,
    planId: 'p',
    vehicleId: 'v',
    crewId: null,
    status: 'active',
    startsAt: iso(0),
    endsAt: iso(200),
    stops: [{ ...a!, status: 'done', arrivedAt: iso(10), endedAt: iso(planned.endedMinute) }, b!],
    leftOut: [],
    distanceM: 0,
    durationS: 0,
    breaks: [{ startsAt: iso(planned.fromMinute), endsAt: iso(planned.fromMinute + 30), stopId: 'a', place: 'after' }],
  };
}

test('a break that begins after the planned one should have ended takes its place, and counts once', () => {
  const round = behindFirst({ fromMinute: 15, endedMinute: 50 });
  const told = advanceRound(round, {
    id: 'e',
    roundId: 'r',
    roundVersion: 1,
    stopId: 'a',
    kind: 'rested',
    deviceAt: iso(80),
    restedS: 1_800,
  });
  expect(told.breaks).toEqual([{ startsAt: iso(50), endsAt: iso(80), stopId: 'a', place: 'after', taken: true }]);
  expect(dutySoFar(told, ms(iso(80))).breakS).toBe(1_800);
});

test('a planned break was had where the crew stood as long, and one under way is had to its end', () => {
  const base = behindFirst({ fromMinute: 14, endedMinute: 15 });
  expect(currentBreak(base)).toMatchObject({ startMs: ms(iso(15)), endMs: ms(iso(45)) });
  const seen = (arrived: number): Round => ({
    ...base,
    stops: [base.stops[0]!, { ...base.stops[1]!, status: 'arrived', arrivedAt: iso(arrived) }],
  });
  expect(breaksHad(seen(55)).map(({ startsAt, endsAt }) => [startsAt, endsAt])).toEqual([[iso(15), iso(45)]]);
  expect(breaksHad(seen(44)).map(({ endsAt }) => endsAt)).toEqual([iso(34)]);
  expect(breaksHad(seen(30))).toEqual([]);
  expect(currentBreak(seen(30))).toBeUndefined();
});

test('rules that can ask nothing any more are left out', () => {
  const usual = toBreakRules('working-hours, driving-time');
  const soFar = { workedS: 18_000, breakS: 1_800, sinceBreakS: 600, drivenS: 3_600, firstPartTaken: false };
  expect(usual).toEqual(['working-hours', 'driving-time']);
  expect(breaksOf({}, usual, { restS: 19_800 }).breaks?.owed).toBeUndefined();
  expect(breaksOf({}, usual, { restS: 19_801 }).breaks).toMatchObject({ owed: [{ overS: 19_800 }] });
  expect(breaksOf({}, ['working-hours'], { soFar, restS: 18_000 })).toEqual({});
  expect(breaksOf({}, ['working-hours'], { soFar, restS: 18_001 }).breaks?.owed).toHaveLength(1);
  expect(breaksOf({}, toBreakRules('none'), { restS: 50_000 })).toEqual({});
  expect(breaksOf({ breakRules: ['driving-time'] }, [], { soFar, restS: 12_601 }).breaks).toMatchObject({
    driving: { longestS: 16_200 },
  });
});

function iso(minutes: number): string {
  return new Date(START_MS + minutes * MINUTE_MS).toISOString();
}
