import { expect, test } from 'vitest';
import { check } from '../check.ts';
import { createRandom } from '../random.ts';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import { faultsOf, parsed } from './fixtures.ts';
import { toSolutionJson } from './solution-json.ts';
import type { NamedRound } from './solution-json.ts';

/** A row of crossings, 100 m apart, at 10 m/s; the yard is the first. */
function row(crossings: number, extra: object): string {
  const matrix = (perStep: number): number[][] =>
    Array.from({ length: crossings }, (_, i) => Array.from({ length: crossings }, (_, j) => Math.abs(i - j) * perStep));
  return JSON.stringify({
    ...{ name: 'row', distances: matrix(100), durations: matrix(10) },
    ...{ vehicles: [{ id: 'v1', shiftS: 10_000 }], ...extra },
  });
}

const section = (id: string, from: number, to: number, change: object = {}): object => ({
  ...{ id, from, to, lengthM: 100, serviceS: 50, ...change },
});

function solved(
  text: string,
  iterations = 300,
): { cost: number; rounds: readonly NamedRound[]; ok: boolean; endS: number } {
  const instance = parsed(text);
  const { solution } = solve(instance.problem, afterIterations(iterations), { seed: 1 });
  const answer = toSolutionJson(instance, solution, { seconds: 1, iterations });
  const { ok } = check(instance.problem, solution);
  return { cost: answer.cost, rounds: answer.routes as NamedRound[], ok, endS: solution.routes[0]?.endS ?? 0 };
}

test('a section is entered at one end and left at the other, whichever is nearer', () => {
  const { cost, rounds, ok, endS } = solved(row(4, { sections: [section('a', 2, 1)] }));
  // there 100 m, sweep 100 m, back 200 m; or the same the other way round
  expect(['forward', 'backward']).toContain(rounds[0]!.ways!.a);
  expect({ cost, ok, endS }).toEqual({ cost: 400, ok: true, endS: 10 + 50 + 20 });
  expect(rounds[0]!.visits).toEqual(['a']);
});

test('sections of one street are swept in a row, each the way it lies', () => {
  const sections = [section('c', 2, 3), section('a', 0, 1), section('b', 2, 1)];
  const { cost, rounds } = solved(row(4, { sections }));
  expect(cost).toBe(600);
  // 600 m is three there and three back, so that nothing is driven twice in one direction but the way home
  expect([...rounds[0]!.visits].sort()).toEqual(['a', 'b', 'c']);
  expect(Object.keys(rounds[0]!.ways!).sort()).toEqual(['a', 'b', 'c']);
});

test('a section of one direction is not swept the other way, however near that end is', () => {
  const { cost, rounds } = solved(row(4, { sections: [section('a', 3, 1, { direction: 'backward', lengthM: 200 })] }));
  expect([cost, rounds[0]!.ways]).toEqual([100 + 200 + 300, { a: 'backward' }]);
});

test('both sides of a street are swept with the traffic, out along one and back along the other', () => {
  const { cost, rounds } = solved(row(4, { sections: [section('a', 1, 2, { sides: 'both' })] }));
  expect(cost).toBe(400);
  expect(rounds[0]).toEqual({
    ...{ vehicle: 'v1', visits: ['a/right', 'a/left'] },
    ways: { 'a/right': 'forward', 'a/left': 'backward' },
  });
});

test('both sides of a one-way street are swept the same way, with the way back in between', () => {
  const { cost, rounds } = solved(row(4, { sections: [section('a', 1, 2, { sides: 'both', oneWay: true })] }));
  expect(cost).toBe(100 + 100 + 100 + 100 + 200);
  expect(Object.values(rounds[0]!.ways!)).toEqual(['forward', 'forward']);
});

test('a turn on the spot costs what the file says, and is avoided where a detour is cheaper', () => {
  const sections = [section('a', 1, 2, { sides: 'both' }), section('b', 2, 3, { sides: 'both' })];
  expect(solved(row(4, { sections })).cost).toBe(600);
  // out along the right sides, one turn at the far end, back along the left ones
  expect(solved(row(4, { sections, uTurnM: 30 })).cost).toBe(630);
});

test('a vehicle with a profile of its own travels by its own matrices, such as a crew on foot', () => {
  const far = (value: number): number[][] => [
    [0, value],
    [value, 0],
  ];
  const profiles = [
    { id: 'truck', distances: far(900), durations: far(90) },
    { id: 'walking', distances: far(100), durations: far(70) },
  ];
  const vehicles = [
    { id: 't', shiftS: 1_000, profile: 'truck' },
    { id: 'w', shiftS: 1_000, profile: 'walking' },
  ];
  const text = row(2, { sections: [section('a', 0, 1)], profiles, vehicles });
  const { cost, rounds, endS } = solved(text);
  expect([cost, rounds[0]!.vehicle, endS]).toEqual([200, 'w', 120]);
});

test('sections and bins stand in one round', () => {
  const text = row(4, {
    dumps: [{ index: 0, serviceS: 5 }],
    stops: [{ id: 's1', index: 3, kg: 5, serviceS: 5 }],
    sections: [section('a', 1, 2)],
    vehicles: [{ id: 'v1', shiftS: 1_000, capacityKg: 10 }],
  });
  const { cost, rounds, ok } = solved(text);
  expect([cost, ok]).toEqual([600, true]);
  expect([...rounds[0]!.visits].sort()).toEqual(['a', 's1']);
});

/** Least metres over all orders, ways and splits over vehicles within their shift. */
function bruteForce(
  json: { distances: number[][]; durations: number[][] },
  sections: Drawn[],
  shiftS: number,
  vehicles: number,
): number {
  let best = Infinity;
  const { distances, durations } = json;
  const extend = (open: Drawn[], at: number, clock: number, cost: number, left: number): void => {
    if (cost >= best) return;
    const [homeM, homeS] = [distances[at]![0]!, durations[at]![0]!];
    if (clock + homeS <= shiftS) {
      if (open.length === 0) best = Math.min(best, cost + homeM);
      else if (left > 1 && clock > 0) extend(open, 0, 0, cost + homeM, left - 1);
    }
    for (const one of open) {
      const rest = open.filter((other) => other !== one);
      for (const [from, to] of [
        [one.from, one.to],
        [one.to, one.from],
      ] as const) {
        const ready = clock + durations[at]![from]! + one.serviceS;
        extend(rest, to, ready, cost + distances[at]![from]! + one.lengthM, left);
      }
    }
  };
  extend(sections, 0, 0, 0, vehicles);
  return best;
}

interface Drawn {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly lengthM: number;
  readonly serviceS: number;
}

test('up to seven sections of a town are swept as cheaply as trying every order and way does', () => {
  for (let seed = 1; seed <= 6; seed++) {
    const random = createRandom(seed);
    const points = Array.from({ length: 9 }, () => [random.int(900), random.int(900)] as const);
    const distances = points.map(([x1, y1]) =>
      points.map(([x2, y2]) => Math.abs(x1 - x2) + Math.abs(y1 - y2) + (x1 > x2 ? 20 : 0)),
    );
    const durations = distances.map((from) => from.map((metres) => Math.round(metres / 7)));
    const sections = Array.from({ length: seed % 2 ? 7 : 5 }, (_, i): Drawn => {
      const [from, to] = [1 + random.int(8), 1 + random.int(8)];
      return { id: `q${i}`, from, to, lengthM: distances[from]![to]!, serviceS: 60 + random.int(60) };
    });
    const [vehicles, shiftS] = seed % 2 ? [1, 1e6] : [2, 900];
    const fleet = Array.from({ length: vehicles }, (_, v) => ({ id: `v${v}`, shiftS }));
    const text = JSON.stringify({ name: 'town', distances, durations, sections, vehicles: fleet });
    const least = bruteForce({ distances, durations }, sections, shiftS, vehicles);
    if (least === Infinity) continue;
    const { cost, ok } = solved(text, 2_000);
    expect([seed, cost, ok]).toEqual([seed, least, true]);
  }
});

test('faults of sections name the field and the remedy', () => {
  const broken = (change: object): string => faultsOf(row(3, { sections: [section('a', 0, 1, change)] })).join('\n');
  expect(broken({ to: 7 })).toMatch(/^sections\[0\]: from and to must be places 0…2 of the matrices/);
  expect(broken({ direction: 'up' })).toMatch(/^sections\[0\].direction: must be one of either, forward, backward/);
  expect(broken({ lengthM: -1 })).toMatch(/^sections\[0\].lengthM: must be 0 or more/);
  expect(broken({ serviceS: 'long' })).toMatch(/^sections\[0\].serviceS: must be a number, is "long"/);
  expect(faultsOf(row(3, { sections: [section('a', 0, 1), section('a', 1, 2)] }))[0]).toMatch(/comes a second time/);
});

test('a square town of forty sections is swept with no more empty metres than a postman must walk', () => {
  const width = 5;
  const places = Array.from({ length: width * width }, (_, i) => [i % width, Math.floor(i / width)] as const);
  const distances = places.map(([x1, y1]) => places.map(([x2, y2]) => 100 * (Math.abs(x1 - x2) + Math.abs(y1 - y2))));
  const sections = places.flatMap(([x, y], i) => [
    ...(x + 1 < width ? [section(`east${i}`, i, i + 1)] : []),
    ...(y + 1 < width ? [section(`south${i}`, i, i + width)] : []),
  ]);
  const vehicles = [1, 2].map((v) => ({ id: `v${v}`, shiftS: 1_800 }));
  const durations = distances.map((from) => from.map((metres) => metres / 10));
  const { cost, ok } = solved(JSON.stringify({ name: 'square', distances, durations, vehicles, sections }), 3_000);
  // twelve crossings of three streets lie on the rim: at best eight of them pair up along a street, four round a corner
  expect([cost, ok]).toEqual([40 * 100 + 4 * 100 + 2 * 200, true]);
});
