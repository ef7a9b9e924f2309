import { expect, test } from 'vitest';
import type { DisposalSite, Round, Stop, Vehicle } from '@ronde/contracts';
import { openTravel } from '@ronde/travel';
import { afterIterations, check, solve } from '@ronde/solver';
import { buildProblem, windowsOf, type Duty } from './build-problem.ts';
import { chooseCandidates, fits, mayServe, type Candidate } from './candidates.ts';
import { RoutingConfig } from './config.ts';
import { asset, START_MS, VEHICLE } from './fixtures.ts';
import { FRACTIONS } from './loads.ts';
import { outlookOf, TIP } from './plan-fixture.ts';

const HOUR_MS = 3_600_000;
const config = RoutingConfig.parse({});
const GLASS: DisposalSite = { ...TIP, id: 'glass', fractions: ['glass'], position: { lat: 52.06, lon: 5.11 } };
const zone = 'Europe/Amsterdam';

async function candidates(fills: number[]): Promise<Candidate[]> {
  const assets = fills.map((_, index) => asset(index));
  const outlook = (id: string) => outlookOf(id, fills[Number(id.slice(4))]!);
  return (await chooseCandidates(assets, { outlook }, { byMs: () => START_MS, exclude: new Set(), keep: new Set() }))
    .candidates;
}
function duty(more: Partial<Duty> = {}): Duty {
  const span = { startMs: START_MS, endMs: START_MS + 7 * HOUR_MS };
  return {
    vehicle: VEHICLE,
    depot: { id: 'yard', name: 'Yard', position: { lat: 52.07, lon: 5.09 } },
    shift: span,
    span,
    round: undefined,
    locked: [],
    ...more,
  };
}
const stop = (id: string, more: Partial<Stop> = {}): Stop => ({
  id,
  seq: 1,
  kind: 'asset',
  assetIds: [`x-${id}`],
  lat: 52.09,
  lon: 5.12,
  eta: new Date(START_MS).toISOString(),
  serviceS: 120,
  loadKg: 60,
  fraction: 'residual',
  reason: 'r',
  status: 'planned',
  ...more,
});
function underWay(stops: Stop[], more: Partial<Round> = {}, vehicle: Partial<Vehicle> = {}): Duty {
  const iso = new Date(START_MS).toISOString();
  const round: Round = {
    id: 'r',
    version: 1,
    planId: 'p',
    vehicleId: 'v',
    crewId: 'c',
    status: 'active',
    startsAt: iso,
    endsAt: iso,
    stops,
    leftOut: [],
    distanceM: 0,
    durationS: 0,
    ...more,
  };
  return duty({
    round,
    locked: stops.filter(({ status }) => status === 'planned' || status === 'arrived').slice(0, 3),
    vehicle: { ...VEHICLE, ...vehicle },
  });
}
async function solved(duties: Duty[], given: Candidate[], sites = [TIP, GLASS]) {
  const travel = await openTravel('straight-line:');
  const built = await buildProblem(
    { duties, sites, candidates: given, keep: new Set(), timeZone: zone, startMs: START_MS, config },
    travel,
  );
  const { solution } = solve(built.problem, afterIterations(300), { seed: 1 });
  return { built, solution, verdict: check(built.problem, solution) };
}

test('a built problem is solved within every rule of the independent check', async () => {
  const { verdict, solution } = await solved(
    [duty(), duty({ vehicle: { ...VEHICLE, id: 'b', capacityL: 900 } })],
    await candidates([0.99, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7]),
  );
  expect(verdict.violations).toEqual([]);
  expect(solution.feasible).toBe(true);
  expect(solution.unserved).toEqual([]);
});

test('a vehicle under way carries what its executed stops brought since the last tip, with their fractions', async () => {
  const stops = [
    stop('a', { status: 'done', loadKg: 50 }),
    stop('t', { kind: 'disposal', siteId: 'tip', assetIds: [], status: 'done' }),
    stop('b', { status: 'done', loadKg: 80, loadL: 200, fraction: 'glass' }),
    stop('c', { fraction: 'glass' }),
  ].map((one, index) => ({ ...one, endedAt: new Date(START_MS - (9 - index) * 60_000).toISOString() }));
  const { built, verdict, solution } = await solved(
    [underWay(stops, {}, { fractions: ['residual', 'glass'], capacityL: 5000 })],
    await candidates([0.95]),
  );
  expect(built.problem.vehicles[0]).toMatchObject({
    initialLoad: [80, 200],
    initialFractions: [FRACTIONS.indexOf('glass')],
    underWay: true,
  });
  expect(verdict.violations).toEqual([]);
  const tips = solution.routes[0]!.visits.filter(({ kind }) => kind === 'disposal').map(
    ({ index }) => built.sites[index]!.id,
  );
  expect(tips).toEqual(['glass', 'tip']);
});

test('promised stops come first in their order, also when they take longer than the shift and more than the vehicle holds', async () => {
  const stops = [
    stop('a', { status: 'done', loadKg: 390 }),
    stop('b', { loadKg: 300 }),
    stop('c', { serviceS: 20_000 }),
    stop('d', { serviceS: 9_000 }),
  ];
  const { built, verdict, solution } = await solved([underWay(stops)], await candidates([0.9]));
  expect(verdict.violations.filter(({ code }) => code !== 'REQUIRED_UNSERVED')).toEqual([]);
  const order = solution.routes[0]!.visits.flatMap(({ kind, index }) => (kind === 'stop' ? [built.stops[index]!] : []));
  expect(order.slice(0, 3).map((meaning) => meaning.kind === 'committed' && meaning.stop.id)).toEqual(['b', 'c', 'd']);
  expect(solution.routes[0]!.visits.at(-1)!.kind).toBe('disposal');
});

test('a crew at a stop starts there with the work that is left, one on its way has part of the way behind it', async () => {
  const arrived = stop('b', {
    status: 'arrived',
    serviceS: 300,
    arrivedAt: new Date(START_MS - 200_000).toISOString(),
  });
  const at = await solved([underWay([arrived])], []);
  expect(at.solution.routes[0]!.visits[0]).toMatchObject({ arriveS: 0, departS: 100 });
  const left = [
    stop('a', { status: 'done', endedAt: new Date(START_MS - 60_000).toISOString() }),
    stop('b', { lat: 52.12 }),
  ];
  const way = await solved([underWay(left)], []);
  const whole = await solved([underWay([{ ...left[0]!, endedAt: new Date(START_MS).toISOString() }, left[1]!])], []);
  expect(whole.solution.routes[0]!.visits[0]!.arriveS - way.solution.routes[0]!.visits[0]!.arriveS).toBe(60);
});

test('a promised stop waits for its place to open, and one that comes too late breaks no plan', async () => {
  const travel = await openTravel('straight-line:');
  const at = async (hours: { from: string; to: string }) => {
    const input = {
      duties: [underWay([stop('b')])],
      sites: [TIP],
      candidates: [],
      keep: new Set<string>(),
      timeZone: zone,
      startMs: START_MS,
      config,
    };
    const built = await buildProblem({ ...input, hours: new Map([['x-b', [hours]]]) }, travel);
    const { solution } = solve(built.problem, afterIterations(10), { seed: 1 });
    expect(check(built.problem, solution).violations).toEqual([]);
    return solution.routes[0]!.visits[0]!.startS;
  };
  expect(await at({ from: '10:00', to: '12:00' })).toBe(3 * 3600);
  expect(await at({ from: '19:00', to: '20:00' })).toBeLessThan(3600);
  expect(await at({ from: '06:00', to: '07:01' })).toBeLessThan(3600);
});

test('a place with more than a vehicle holds is served all the same', async () => {
  const heavy = (await candidates([0.95])).map((candidate) => ({ ...candidate, loadKg: 5000 }));
  const { solution, verdict } = await solved([duty()], heavy);
  expect(verdict.violations).toEqual([]);
  expect(solution.unserved).toEqual([]);
});

test.each([
  ['open now', [{ from: '06:00', to: '12:00' }], '2026-01-05T06:00:00Z', 8, [[0, 5 * 3600]]],
  ['opens later', [{ from: '10:00', to: '12:00' }], '2026-01-05T06:00:00Z', 8, [[3 * 3600, 5 * 3600]]],
  [
    'two windows that touch',
    [
      { from: '07:00', to: '09:00' },
      { from: '09:00', to: '10:00' },
    ],
    '2026-01-05T06:00:00Z',
    8,
    [[0, 3 * 3600]],
  ],
  ['across midnight', [{ from: '22:00', to: '02:00' }], '2026-01-05T20:00:00Z', 8, [[3600, 5 * 3600]]],
  ['another weekday', [{ from: '06:00', to: '12:00', days: [2] }], '2026-01-05T06:00:00Z', 8, [[-1e6, -1e6]]],
  ['round the clock, over two days', [{ from: '00:00', to: '24:00' }], '2026-01-05T20:00:00Z', 8, [[0, 27 * 3600]]],
  ['the night that spring shortens', [{ from: '01:00', to: '05:00' }], '2026-03-29T00:00:00Z', 8, [[0, 3 * 3600]]],
  ['the night that autumn lengthens', [{ from: '01:00', to: '05:00' }], '2026-10-24T23:00:00Z', 8, [[0, 5 * 3600]]],
])('weekly hours become starts of service: %s', (_, windows, startsAt, hours, expected) => {
  const startMs = Date.parse(startsAt);
  expect(windowsOf(windows, zone, { startMs, endMs: startMs + hours * HOUR_MS }).windows).toEqual(expected);
});
test('a place without hours is always open', () => {
  expect(windowsOf(undefined, zone, { startMs: 0, endMs: 1 })).toEqual({});
});

test('only vehicles of the right fraction, lift type and area fit', async () => {
  const [candidate] = await candidates([0.9]);
  const inArea = { ...candidate!, assets: [{ ...asset(0), areaId: 'north' }] };
  expect(fits(VEHICLE, candidate!)).toBe(true);
  expect(fits({ ...VEHICLE, fractions: ['glass'] }, candidate!)).toBe(false);
  expect(fits({ ...VEHICLE, liftTypes: ['mushroom'] }, candidate!)).toBe(false);
  expect(fits({ ...VEHICLE, areaIds: ['north'] }, candidate!)).toBe(false);
  expect(fits({ ...VEHICLE, areaIds: ['north'] }, inArea)).toBe(true);
  expect(
    mayServe(
      { ...VEHICLE, fractions: ['glass'] },
      {
        ...asset(0),
        chambers: [
          { id: 'a', fraction: 'paper' },
          { id: 'b', fraction: 'glass' },
        ],
      },
    ),
  ).toBe(true);
});

test('bins that stand together are one stop; a bin that fills anyway is worth little; unknown and empty ones are told', async () => {
  const assets = [asset(0), { ...asset(1), id: 'bin-1', geometry: asset(0).geometry }, asset(2), asset(3), asset(4)];
  const outlook = (id: string) =>
    id === 'bin-3'
      ? undefined
      : id === 'bin-4'
        ? outlookOf(id, 0.1)
        : id === 'bin-2'
          ? { ...outlookOf(id, 0.9), risk: 1, riskEmptied: 0.97 }
          : outlookOf(id, 0.8);
  const { candidates: found, leftOut } = await chooseCandidates(
    assets,
    { outlook },
    { byMs: () => START_MS, exclude: new Set(), keep: new Set() },
  );
  expect(found.map((place) => place.assets.map(({ id }) => id))).toEqual([['bin-0', 'bin-1'], ['bin-2']]);
  expect(found[0]!.prevented).toBeCloseTo(1.6);
  expect(found[1]).toMatchObject({ required: false, risk: 1 });
  expect(found[1]!.prevented).toBeCloseTo(0.03);
  expect(leftOut.map(({ assetId, code }) => `${assetId} ${code}`)).toEqual(['bin-3 no-reading', 'bin-4 can-wait']);
});
