import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BUILT_IN_TYPES } from './open-encoders.ts';
import { filesOf } from './files-of.ts';
import { loadTypes } from './load-types.ts';
import { typeFromFiles } from './type-from-files.ts';

test('the files of every built-in type make the same type again', async () => {
  const { types } = await loadTypes([BUILT_IN_TYPES]);
  expect(types.length).toBeGreaterThan(50);
  for (const type of types) {
    const again = await typeFromFiles(await filesOf(type));
    expect(again.faults, type.manifest.id).toEqual([]);
    expect({ ...again.type, dir: type.dir, manifest: { ...again.type?.manifest, codec: type.manifest.codec } }).toEqual(
      type,
    );
  }
});

test('a type in a single file has files too', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ronde-files-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const { types } = await loadTypes([BUILT_IN_TYPES]);
  const plain = types.find(({ manifest }) => manifest.id === 'dragino-ldds75')!;
  const files = await filesOf(plain);
  await writeFile(join(dir, 'acme-one.yaml'), files.sensorYaml.replace(/^id:.*$/m, 'id: acme-one'));
  await writeFile(join(dir, 'codec.js'), files.codecJs ?? '');
  await writeFile(join(dir, 'acme-one.examples.yaml'), files.examplesYaml ?? '');
  const single = (await loadTypes([dir])).types[0]!;
  expect(await filesOf(single)).toEqual({
    sensorYaml: files.sensorYaml.replace(/^id:.*$/m, 'id: acme-one'),
    codecJs: files.codecJs,
    examplesYaml: files.examplesYaml,
  });
});
