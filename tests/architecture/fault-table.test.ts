import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { read } from './tree.ts';

const FAULTS = 52;
const rows = read('docs/reliability.md')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, name]) => /^F\d+$/.test(name ?? ''))
  .map(([, name, , where]) => ({ name: name!, where: where! }));

test('the table of faults names each one once, with a test, a reason, or that it is open', () => {
  expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: FAULTS }, (_, index) => `F${index + 1}`));
  expect(rows.filter(({ where }) => !/`[^`]+\.test\.ts`|^not applicable|^open$/.test(where))).toEqual([]);
});

test('every test that the table of faults names exists, with the title that is quoted', () => {
  const missing: string[] = [];
  for (const { name, where } of rows) {
    for (const [, file, titles = ''] of where.matchAll(/`([^`]+\.test\.ts)`((?:,? "[^"]+")*)/g)) {
      const text = existsSync(file!) ? read(file!) : undefined;
      if (text === undefined) missing.push(`${name}: ${file}`);
      for (const [, title] of titles.matchAll(/"([^"]+)"/g))
        if (text && !text.includes(title!)) missing.push(`${name}: ${file} has no "${title}"`);
    }
  }
  expect(missing).toEqual([]);
});
