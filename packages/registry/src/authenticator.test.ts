import { expect, onTestFinished, test } from 'vitest';
import type { TokenRecord } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import { createAuthenticator } from './authenticator.ts';
import { hashSecret, newSecret, verifySecret } from './credentials.ts';
import { openRegistry } from './open.ts';
import type { Registry } from './port.ts';

const record = (id: string, secret: string): TokenRecord => ({
  id,
  role: 'crew',
  crewId: 'c1',
  createdAt: '2026-01-05T06:00:00.000Z',
  secretHash: hashSecret(secret),
});

async function openedRegistry(): Promise<Registry> {
  const registry = await openRegistry('sqlite::memory:', { dataDir: '', log: silentLog() });
  onTestFinished(() => registry.close());
  return registry;
}

test('a secret is 192 random bits and verifies against its hash alone', () => {
  const secret = newSecret();
  expect(Buffer.from(secret, 'base64url')).toHaveLength(24);
  expect(verifySecret(secret, hashSecret(secret))).toBe(true);
  expect(verifySecret(newSecret(), hashSecret(secret))).toBe(false);
  expect(verifySecret(secret, '')).toBe(false);
});

test('tokens give their role, the admin token gives admin, guesses give nothing', async () => {
  const registry = await openedRegistry();
  await registry.tokens.put('t', record('k', 'word'));
  const authenticate = createAuthenticator({ registry, adminToken: 'boss', tenant: 'home' });
  expect(await authenticate('word')).toEqual({ tenant: 't', role: 'crew', tokenId: 'k', crewId: 'c1' });
  expect(await authenticate('boss')).toEqual({ tenant: 'home', role: 'admin', tokenId: 'admin' });
  expect(await authenticate('guess')).toBeUndefined();
  expect(await authenticate('')).toBeUndefined();
});

test('an empty admin token admits nobody', async () => {
  const authenticate = createAuthenticator({ registry: await openedRegistry(), adminToken: '', tenant: 'home' });
  expect(await authenticate('')).toBeUndefined();
});

test('a withdrawn token ends at once when told, and by age when not told', async () => {
  const registry = await openedRegistry();
  let now = 0;
  const authenticate = createAuthenticator({ registry, adminToken: 'boss', tenant: 't', nowMs: () => now });
  for (const id of ['told', 'untold']) {
    await registry.tokens.put('t', record(id, id));
    expect(await authenticate(id)).toBeDefined();
    await registry.tokens.delete('t', id);
    expect(await authenticate(id)).toBeDefined();
    if (id === 'told') authenticate.invalidate();
    else now += 30_001;
    expect(await authenticate(id)).toBeUndefined();
  }
});

test('a look-up that overlaps a withdrawal is not cached', async () => {
  const registry = await openedRegistry();
  await registry.tokens.put('t', record('k', 'word'));
  const authenticate = createAuthenticator({ registry, adminToken: 'boss', tenant: 't' });
  const overlapping = authenticate('word');
  const deleting = registry.tokens.delete('t', 'k');
  authenticate.invalidate();
  await Promise.all([overlapping, deleting]);
  expect(await authenticate('word')).toBeUndefined();
});
