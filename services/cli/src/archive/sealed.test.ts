import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSealer, sealContext, silentLog } from '@ronde/kit';
import { openRegistry } from '@ronde/registry';
import { sealedAdvice, sealedState } from './sealed.ts';

const TENANT = 'default';
const KEY = randomBytes(32).toString('hex');

async function registryWith(keysSealed: string | undefined) {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-sealed-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'registry.sqlite');
  const registry = await openRegistry(`sqlite:${path}`, { dataDir: dir, log: silentLog() });
  const createdAt = '2026-01-05T08:00:00.000Z';
  await registry.devices.put(TENANT, {
    id: 'd-1',
    typeId: 'plain',
    status: 'in-stock',
    createdAt,
    secretHash: 'x',
    ...(keysSealed !== undefined && { keysSealed }),
  });
  await registry.close();
  const state = () => sealedState({ DATA_DIR: dir, SEAL_KEY: undefined, TENANT, REGISTRY_URL: `sqlite:${path}` });
  return { dir, state, putKey: (key: string) => writeFileSync(join(dir, 'seal-key'), `${key}\n`, { mode: 0o600 }) };
}

test('a restored registry is told readable, without its key, or with another, by opening one sealed text', async () => {
  const sealed = createSealer(Buffer.from(KEY, 'hex')).seal('{"appKey":"00"}', sealContext.device('d-1'));
  const { dir, state, putKey } = await registryWith(sealed);
  expect(await state()).toBe('key-missing');
  expect(sealedAdvice(await state(), dir)).toEqual([expect.stringMatching(/no seal-key here .*SEAL_KEY/)]);
  putKey(randomBytes(32).toString('hex'));
  expect(await state()).toBe('key-other');
  expect(sealedAdvice(await state(), dir)).toEqual([expect.stringMatching(/does not open them/)]);
  putKey(KEY);
  expect(await state()).toBe('opens');
  expect(sealedAdvice(await state(), dir)).toEqual([]);
});

test('a registry without sealed keys needs no seal key', async () => {
  const { dir, state } = await registryWith(undefined);
  expect(await state()).toBe('none');
  expect(sealedAdvice('none', dir)).toEqual([]);
});
