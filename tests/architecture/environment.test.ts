import { expect, test } from 'vitest';
import { read, sources } from './tree.ts';

/** Where the environment may be read: configuration, the command line's entry points, build set-up and tests. */
const MAY_READ = [
  /(^|\/)config\.ts$/,
  /^services\/cli\/src\/environment\.ts$/,
  /vite\.config\.ts$/,
  /\.test\.ts$/,
  /^tests\//,
  /^tools\//,
];

test('the environment is read in configuration files only', () => {
  const wrong = sources().filter(
    (file) => !MAY_READ.some((pattern) => pattern.test(file)) && /process\.env\b/.test(read(file)),
  );
  expect(wrong).toEqual([]);
});

test('no file switches on NODE_ENV', () => {
  const here = 'tests/architecture/environment.test.ts';
  expect(sources().filter((file) => file !== here && read(file).includes('NODE_ENV'))).toEqual([]);
});

test('a to-do names its issue', () => {
  const wrong = sources().flatMap((file) => (/\/\/\s*(TODO|FIXME|XXX)(?!\(#\d+\))/.test(read(file)) ? [file] : []));
  expect(wrong).toEqual([]);
});
