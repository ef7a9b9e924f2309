import { expect, test } from 'vitest';
import { read, sources } from './tree.ts';

const MAX_LINES = 500;

/** Generated and data files, by name. */
const EXCEPT = new Set(['package-lock.json']);

test('no source file is longer than 500 lines', () => {
  const long = sources(/\.(ts|tsx|js|mjs|css)$/)
    .filter((file) => !EXCEPT.has(file))
    .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES);
  expect(long).toEqual([]);
});
