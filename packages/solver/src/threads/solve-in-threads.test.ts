import { describe, expect, test } from 'vitest';
import { check } from '../check.ts';
import { createTown } from '../fixtures.ts';
import type { Problem } from '../problem.ts';
import { solveInThread } from '../solve-thread.ts';
import type { Solution } from '../solution.ts';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import { vacate } from './board.ts';
import { solveInThreads } from './solve-in-threads.ts';

const town = createTown(3, { stops: 30, disposal: true, timeCost: true, vehicles: 5 });
/** Large enough that each thread works on a part. */
const city = createTown(2, {
  stops: 1_000,
  vehicles: 24,
  capacity: 4_000,
  disposal: true,
  prizes: true,
  shiftS: 9_000,
});

const costOf = (problem: Problem, seed: number, iterations: number): number =>
  solve(problem, afterIterations(iterations), { seed }).solution.cost;

test('one thread finds what a search without threads finds', async () => {
  const { solution } = await solveInThreads(town, { iterations: 200, seed: 5, threads: 1 });
  expect(solution).toEqual(solve(town, afterIterations(200), { seed: 5 }).solution);
});

describe.each([
  ['whole plans', town, 400],
  ['parts of a large plan', city, 200],
] as const)('threads that exchange %s', (_, problem, iterations) => {
  test('give the same plan for the same seed, iterations and number, and tell ever better ones', async () => {
    const plans: Solution[] = [];
    const options = { iterations, seed: 5, threads: 3 };
    const one = await solveInThreads(problem, { ...options, onImprove: (plan) => plans.push(plan) });
    const two = await solveInThreads(problem, options);
    expect(two.solution).toEqual(one.solution);
    expect(one.stats.iterations).toBe(3 * iterations);
    for (const plan of [one.solution, ...plans]) expect(check(problem, plan).violations).toEqual([]);
    const costs = plans.map(({ cost }) => cost);
    expect(costs).toEqual([...costs].sort((x, y) => y - x));
    expect(one.solution.cost).toBeLessThan(costOf(problem, 5, iterations) + 1e-6);
  }, 120_000);

  test('go on without one that dies', async () => {
    const died: number[] = [];
    const { solution, stats } = await solveInThreads(problem, { iterations, seed: 1, threads: 2 }, (given, options) => {
      if (options.company?.index !== 1) return solveInThread(given, options);
      died.push(1);
      vacate(options.company.board, 1);
      return Promise.reject(new Error('out of memory'));
    });
    expect(died).toEqual([1]);
    expect(stats.iterations).toBe(iterations);
    expect(check(problem, solution).violations).toEqual([]);
  }, 120_000);
});

test('one that ends early is gone on without', async () => {
  const options = { iterations: 3_000, seed: 1, threads: 2 };
  const { solution } = await solveInThreads(town, options, (given, thread) => {
    if (thread.company?.index !== 1) return solveInThread(given, thread);
    // ended once it has told a plan, without a word to the other
    const controller = new AbortController();
    return solveInThread(given, {
      ...thread,
      signal: controller.signal,
      onImprove: () => controller.abort(),
    });
  });
  expect(check(town, solution).ok).toBe(true);
});

test('an aborted search answers with the best plan so far', async () => {
  const controller = new AbortController();
  const { solution } = await solveInThreads(city, {
    seconds: 60,
    seed: 1,
    threads: 2,
    signal: controller.signal,
    onImprove: () => controller.abort(),
  });
  expect(check(city, solution).ok).toBe(true);
}, 120_000);

test('faults are told as by one thread', async () => {
  const search = solveInThreads({ ...town, locations: 1 }, { iterations: 1, seed: 1, threads: 2 });
  await expect(search).rejects.toThrow(/distanceM/);
  await expect(solveInThreads(town, { seed: 1, threads: 2 })).rejects.toThrow('seconds or iterations');
});
