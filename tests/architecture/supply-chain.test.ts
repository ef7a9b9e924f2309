import { expect, test } from 'vitest';
import { read, sources } from './tree.ts';

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  license?: string;
}
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
const installed = Object.entries(lock.packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);

/** Permissive licences, as SPDX names. MPL-2.0 and BlueOak are file-level or permissive. */
const LICENCES =
  /^\(?(MIT|MIT-0|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD|BlueOak-1\.0\.0|Python-2\.0|CC0-1\.0|CC-BY-4\.0|Unlicense|MPL-2\.0|OFL-1\.1|Zlib|BSD)( (OR|AND) [^)]+)?\)?$/;

test('every locked package carries an integrity hash', () => {
  expect(installed.filter(([, { integrity }]) => !integrity).map(([path]) => path)).toEqual([]);
});

test('every locked package is under a permissive licence', () => {
  expect(
    installed
      .filter(([, { license }]) => !LICENCES.test(license ?? ''))
      .map(([path, { license }]) => `${path}: ${license}`),
  ).toEqual([]);
});

test('direct dependencies are pinned to one exact version', () => {
  const manifests = [
    'package.json',
    ...sources(/^(packages|services)\/[^/]+\/package\.json$|^firmware-sim\/package\.json$/),
  ];
  const loose = manifests.flatMap((file) => {
    const {
      dependencies = {},
      devDependencies = {},
      optionalDependencies = {},
    } = JSON.parse(read(file)) as Record<string, Record<string, string>>;
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([name, range]) => !name.startsWith('@ronde/') && !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
      .map(([name, range]) => `${file}: ${name} ${range}`);
  });
  expect(loose).toEqual([]);
});

test('every direct dependency has a line in docs/dependencies.md', () => {
  const page = read('docs/dependencies.md');
  const manifests = [
    'package.json',
    ...sources(/^(packages|services)\/[^/]+\/package\.json$|^firmware-sim\/package\.json$/),
  ];
  const names = new Set(
    manifests.flatMap((file) => {
      const {
        dependencies = {},
        devDependencies = {},
        optionalDependencies = {},
      } = JSON.parse(read(file)) as Record<string, Record<string, string>>;
      return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
    }),
  );
  expect([...names].filter((name) => !name.startsWith('@ronde/') && !page.includes(`\`${name}\``))).toEqual([]);
});
