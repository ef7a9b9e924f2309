import { expect, test } from 'vitest';
import { check } from './check.ts';
import { createTown } from './fixtures.ts';
import { solveInThread } from './solve-thread.ts';
import type { Solution } from './solution.ts';
import { solve } from './solve.ts';
import { afterIterations } from './stop.ts';

const town = createTown(3, { stops: 30, disposal: true, timeCost: true, vehicles: 5 });

test('a thread finds the plan that the same seed and iterations find here, and streams on the way', async () => {
  const streamed: Solution[] = [];
  const { solution, stats } = await solveInThread(town, {
    iterations: 200,
    seed: 5,
    onImprove: (plan) => streamed.push(plan),
  });
  expect(solution).toEqual(solve(town, afterIterations(200), { seed: 5 }).solution);
  expect(stats.iterations).toBe(200);
  expect(streamed.length).toBeGreaterThan(0);
  expect(check(town, streamed[0]!).ok).toBe(true);
});

test('an aborted search answers with the best plan so far', async () => {
  const controller = new AbortController();
  const { solution } = await solveInThread(town, {
    seconds: 60,
    seed: 1,
    signal: controller.signal,
    onImprove: () => controller.abort(),
  });
  expect(check(town, solution).ok).toBe(true);
});

test('a signal aborted beforehand still gives a plan', async () => {
  const { solution } = await solveInThread(town, { seconds: 60, seed: 1, signal: AbortSignal.abort() });
  expect(check(town, solution).ok).toBe(true);
});

test('a malformed problem and a missing budget are refused', async () => {
  await expect(solveInThread({ ...town, locations: 1 }, { iterations: 1, seed: 1 })).rejects.toThrow(/distanceM/);
  await expect(solveInThread(town, { seed: 1 })).rejects.toThrow('seconds or iterations');
});

test('a thread knows the other paces of the day', async () => {
  const [profile] = town.profiles;
  const slow = { ...town, profiles: [{ ...profile!, byTime: [{ fromS: 1_000, factor: 3 }] }] };
  const { solution } = await solveInThread(slow, { iterations: 50, seed: 5 });
  expect(solution).toEqual(solve(slow, afterIterations(50), { seed: 5 }).solution);
});
