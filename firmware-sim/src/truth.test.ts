import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openTruth } from './truth.ts';

const folder = mkdtempSync(join(tmpdir(), 'ronde-truth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the ground truth is JSON Lines that stay within twice their limit', () => {
  const file = join(folder, 'truth.jsonl');
  const truth = openTruth(file, { limitBytes: 10_000 });
  for (let index = 0; index < 1_000; index++) truth.write({ index, text: 'x'.repeat(50) });
  truth.close();
  expect(statSync(file).size).toBeLessThanOrEqual(10_100);
  expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(10_100);
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { index: number });
  expect(lines.at(-1)!.index).toBe(999);
});

test('without a file nothing is written', () => {
  const truth = openTruth(undefined);
  truth.write({ index: 1 });
  expect(truth.close()).toBeUndefined();
});
