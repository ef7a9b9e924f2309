import { expect, test } from 'vitest';
import { runFuzz } from './fuzz-run.ts';

test('2,000 sessions of damaged packets neither end the broker nor leave an error uncaught', async () => {
  expect(await runFuzz(1_000, [1, 2])).toEqual({
    sessions: 2_000,
    seeds: [1, 2],
    ended: null,
    faults: [],
    answers: true,
  });
}, 120_000);
