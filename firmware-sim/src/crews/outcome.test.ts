import { expect, test } from 'vitest';
import { createRng } from '../rng.ts';
import { chooseOutcome } from './outcome.ts';

test('of many stops at half-full bins nearly all are emptied, a few skipped with a reason, a few a problem with a note', () => {
  const rng = createRng(9);
  const outcomes = Array.from({ length: 5_000 }, () => chooseOutcome(0.7, rng));
  const share = (kind: string): number => outcomes.filter((outcome) => outcome.kind === kind).length / outcomes.length;
  expect(share('emptied')).toBeGreaterThan(0.93);
  expect(share('skipped')).toBeCloseTo(0.03, 1);
  expect(share('problem')).toBeGreaterThan(0.003);
  expect(outcomes.filter(({ kind }) => kind === 'skipped').every(({ reason }) => reason !== undefined)).toBe(true);
  expect(outcomes.filter(({ kind }) => kind === 'problem').every(({ note }) => note !== undefined)).toBe(true);
});

test('a bin that is nearly empty may be left as not full', () => {
  const rng = createRng(9);
  expect(Array.from({ length: 200 }, () => chooseOutcome(0.05, rng)).some(({ reason }) => reason === 'not-full')).toBe(
    true,
  );
});
