import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { check } from '../check.ts';
import { parsed } from '../formats/fixtures.ts';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import { measureBinding } from './binding.ts';
import { generateWaste, writeWaste } from './waste.ts';

const made = (stops: number, seed: number): string => writeWaste(generateWaste({ seed, stops }));

test('the same seed gives the same bytes on every machine, another seed gives others', () => {
  expect(made(50, 1)).toBe(made(50, 1));
  expect(made(50, 1)).not.toBe(made(50, 2));
  // whoever changes the generator makes another benchmark: give it another name, and new references
  expect(createHash('sha256').update(made(50, 1)).digest('hex').slice(0, 16)).toBe('6bc136d18ed3371b');
});

test('every size that is made can be read, and every place reached', () => {
  for (const [stops, seed] of [
    [4, 1],
    [17, 9],
    [150, 5],
    [400, 3],
  ] as const) {
    const { problem, stopNames } = parsed(made(stops, seed));
    expect([problem.stops.length, stopNames.length, problem.sites!.length]).toEqual([stops, stops, 2]);
    expect(problem.profiles[0]!.durationS.every((seconds) => seconds < 86_400)).toBe(true);
  }
});

test('windows, shifts, payloads and tip hours all bind: a plan gets cheaper when any of them is lifted', () => {
  const binding = measureBinding(parsed(made(50, 4)), { iterations: 2_000, seed: 1 });
  expect(binding).toMatchObject({ feasible: true, violations: 0 });
  for (const [rule, cost] of Object.entries(binding.without))
    expect([rule, cost < 0.99 * binding.cost]).toEqual([rule, true]);
  for (const [rule, share] of Object.entries(binding.tight)) expect([rule, share > 0]).toEqual([rule, true]);
}, 120_000);

/** Sum of twelve draws less six: near enough to a normal deviate (mean 0, deviation 1). */
function normal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.float();
  return sum;
}

test('what trucks find overloads them in fewer than one of twenty trips, as drawn 2,000 times', () => {
  const file = generateWaste({ seed: 2, stops: 50 });
  const { problem } = parsed(writeWaste(file));
  const { solution } = solve(problem, afterIterations(1_000), { seed: 1 });
  expect(check(problem, solution).ok).toBe(true);
  const random = createRandom(7);
  let [trips, over] = [0, 0];
  for (let round = 0; round < 2_000; round++) {
    for (const { vehicle, visits } of solution.routes) {
      let aboard = 0;
      for (const { kind, index } of visits) {
        if (kind === 'disposal') {
          trips++;
          if (aboard > file.vehicles[vehicle]!.capacityKg) over++;
          aboard = 0;
        } else aboard += Math.max(0, file.stops[index]!.kg + file.stops[index]!.kgSd * normal(random));
      }
    }
  }
  expect(trips).toBeGreaterThan(10_000);
  expect(over / trips).toBeLessThan(0.05);
}, 120_000);

test('on roads of somebody else the file says whose they are', () => {
  const n = 13;
  const places = Array.from({ length: n }, (_, i) => ({ lat: 49 + i / 100, lon: 8 + (i % 4) / 100 }));
  const matrix = (perStep: number): Int32Array =>
    Int32Array.from({ length: n * n }, (_, k) => Math.abs(Math.floor(k / n) - (k % n)) * perStep);
  const roads = { distanceM: matrix(900), durationS: matrix(100) };
  const file = generateWaste({ seed: 1, stops: n - 3, map: { places, roads, attribution: '(c) somebody' } });
  expect(file).toMatchObject({ licence: 'ODbL 1.0', attribution: '(c) somebody', yard: places[0] });
  expect(parsed(writeWaste(file)).problem.profiles[0]!.distanceM).toEqual(roads.distanceM);
  expect(generateWaste({ seed: 1, stops: 10 }).licence).toBe('CC0 1.0');
});
