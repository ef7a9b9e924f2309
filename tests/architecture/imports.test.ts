import { posix } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { importsOf, read, sources, unitOf } from './tree.ts';

const PACKAGES = [
  'contracts',
  'kit',
  'postgres',
  'inbox',
  'readings',
  'registry',
  'bus',
  'sensor-types',
  'forecast',
  'device-health',
  'solver',
  'travel',
];
const SERVICES = ['broker', 'ingest', 'routing', 'api', 'web', 'cli', 'run'];

/** Who may import which workspace; a line here is a decision, see docs/architecture.md. */
const MAY_IMPORT: Record<string, string[]> = {
  contracts: [],
  solver: [],
  forecast: ['contracts'],
  'device-health': ['contracts'],
  'sensor-types': ['contracts'],
  kit: ['contracts'],
  postgres: ['contracts', 'kit'],
  inbox: ['contracts', 'kit'],
  readings: ['contracts', 'kit', 'postgres', 'device-health'],
  registry: ['contracts', 'kit', 'postgres'],
  bus: ['contracts', 'kit'],
  travel: ['contracts', 'kit'],
  broker: PACKAGES,
  ingest: PACKAGES,
  routing: PACKAGES,
  api: PACKAGES,
  web: ['contracts'],
  'firmware-sim': ['contracts', 'sensor-types'],
  run: [...PACKAGES, 'broker', 'ingest', 'routing', 'api', 'firmware-sim'],
  cli: [...PACKAGES, 'firmware-sim', 'run'],
};

/** Libraries that only some units may use; what is not named here is free. */
const MAY_USE: Record<string, string[]> = {
  contracts: ['zod'],
  solver: [],
  forecast: [],
  'device-health': [],
  travel: ['node:crypto', 'node:fs', 'node:path', 'node:zlib', 'node:timers/promises'],
  'firmware-sim': ['mqtt', 'ws'],
};

/** Entries beside the index: a worker thread must not load an HTTP server to serve calls. */
const SECOND_DOORS = new Set([
  '@ronde/kit/thread',
  '@ronde/contracts/errors',
  '@ronde/contracts/quantities',
  '@ronde/contracts/units',
]);

test('units import only the workspaces that the table allows', () => {
  const wrong = sources().flatMap((file) => {
    const unit = unitOf(file);
    if (!unit || file.endsWith('.test.ts') || file.includes('/tests/')) return [];
    return importsOf(file)
      .filter((name) => name.startsWith('@ronde/'))
      .map((name) => name.slice('@ronde/'.length).split('/')[0]!)
      .filter((name) => name !== unit && !MAY_IMPORT[unit]?.includes(name))
      .map((name) => `${file} imports ${name}`);
  });
  expect(wrong).toEqual([]);
});

test('pure units use no library and no built-in that the table does not name', () => {
  const wrong = sources().flatMap((file) => {
    const unit = unitOf(file);
    const allowed = unit === undefined ? undefined : MAY_USE[unit];
    if (!allowed || isTestSupport(file)) return [];
    return importsOf(file)
      .filter((name) => !name.startsWith('.') && !name.startsWith('@ronde/') && !allowed.includes(name))
      .filter((name) => !(name.startsWith('node:') && (unit === 'firmware-sim' || file.endsWith('solve-thread.ts'))))
      .map((name) => `${file} uses ${name}`);
  });
  expect(wrong).toEqual([]);
});

test('nobody reaches into another workspace past its index', () => {
  const wrong = sources().flatMap((file) =>
    importsOf(file)
      .filter(
        (name) =>
          (/^@ronde\/[^/]+\/./.test(name) && !SECOND_DOORS.has(name)) ||
          (name.startsWith('.') && leavesWorkspace(file, name)),
      )
      .map((name) => `${file} imports ${name}`),
  );
  expect(wrong).toEqual([]);
});

test('every workspace has a line in the table', () => {
  expect(Object.keys(MAY_IMPORT).sort()).toEqual([...PACKAGES, ...SERVICES, 'firmware-sim'].sort());
});

/** Worker threads that live as long as the process: each loads its modules for itself. */
const THREADS = [
  'packages/inbox/src/writer-thread.ts',
  'packages/inbox/src/reader-thread.ts',
  'packages/registry/src/adapters/sqlite/worker.ts',
  'packages/readings/src/adapters/sqlite/worker.ts',
  'packages/sensor-types/src/sandbox-worker.ts',
  'packages/travel/src/road-thread.ts',
];

test('threads of the stores load no schemas: those cost each of them 15 MB', () => {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const name of valuesImportedBy(file)) {
      if (name.startsWith('.')) load(posix.join(posix.dirname(file), name));
      else if (name.startsWith('@ronde/')) load(fileOf(name));
      else loaded.add(name);
    }
  };
  for (const thread of THREADS) load(thread);
  expect([...loaded].filter((name) => name === 'zod' || name.startsWith('zod/'))).toEqual([]);
});

/** Names what a file loads when it runs: imports of types alone are gone by then. */
function valuesImportedBy(file: string): string[] {
  const code = read(file).replaceAll(/^(import|export) type [^;]*;/gm, '');
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName);
}

function fileOf(name: string): string {
  const [, unit, door] = name.split('/');
  return `packages/${unit}/src/${door ?? 'index'}.ts`;
}

function isTestSupport(file: string): boolean {
  return /(\.test\.ts|fixtures?[^/]*\.ts|conformance[^/]*\.ts)$/.test(file);
}

/** A relative import that climbs out of its workspace; tests may reach the shared helpers under tests/. */
function leavesWorkspace(file: string, name: string): boolean {
  const unit = unitOf(file);
  if (!unit || isTestSupport(file) || file.includes('/tests/')) return false;
  const from = new URL(`file:///${file}`);
  const target = new URL(name, from).pathname.slice(1);
  return unitOf(target) !== unit;
}
