import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Token, TokenInput } from '@ronde/contracts';
import type { Clock } from '@ronde/kit';
import { hashSecret, newSecret, type Registry } from '@ronde/registry';

const SEAL_FILE = 'seal-key';

/** Gives the admin token: from the configuration, from DATA_DIR/admin-token, or a new one kept there (mode 0600). */
export function adminToken(dataDir: string, given: string | undefined): { token: string; isNew: boolean } {
  if (given) return { token: given, isNew: false };
  const file = join(dataDir, 'admin-token');
  if (existsSync(file)) return { token: readFileSync(file, 'utf8').trim(), isNew: false };
  const token = newSecret();
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return { token, isNew: true };
}

/** Gives the key that secrets in the registry are sealed with: SEAL_KEY, DATA_DIR/seal-key, or a new one kept there. */
export function sealKey(dataDir: string, given: string | undefined): Uint8Array {
  const known = findSealKey(dataDir, given);
  if (known) return known;
  const key = randomBytes(32);
  writeFileSync(join(dataDir, SEAL_FILE), `${key.toString('hex')}\n`, { mode: 0o600 });
  return key;
}

/** Gives the key that secrets are sealed with, when there is one already. */
export function findSealKey(dataDir: string, given: string | undefined): Uint8Array | undefined {
  if (given) return Buffer.from(given, 'hex');
  const file = join(dataDir, SEAL_FILE);
  return existsSync(file) ? Buffer.from(readFileSync(file, 'utf8').trim(), 'hex') : undefined;
}

/** Makes a token under a fixed id, in place of the one made at the last start. */
export async function renewToken(
  registry: Registry,
  clock: Clock,
  wanted: TokenInput & { tenant: string; id: string },
): Promise<{ id: string; token: string }> {
  const { tenant, id, ...input } = wanted;
  const token = newSecret();
  const record: Token = { ...input, id, createdAt: clock.iso() };
  await registry.tokens.put(tenant, { ...record, secretHash: hashSecret(token) });
  return { id, token };
}
