import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RondeError, type Token, type TokenInput } from '@ronde/contracts';
import type { Clock } from '@ronde/kit';
import { hashSecret, newSecret, type Registry } from '@ronde/registry';
import { writeDurably } from './write-durably.ts';

const SEAL_FILE = 'seal-key';
/** Permissions of group and others. */
const OTHERS = 0o077;

/**
 * Gives the admin token: from the configuration, from DATA_DIR/admin-token, or a new one kept there (mode 0600).
 * @throws RondeError CONFIG_INVALID when others may read the file
 */
export function adminToken(dataDir: string, given: string | undefined): { token: string; isNew: boolean } {
  if (given) return { token: given, isNew: false };
  const file = join(dataDir, 'admin-token');
  const kept = readSecret(file);
  // an empty one is what a power cut left of a first start
  if (kept) return { token: kept, isNew: false };
  const token = newSecret();
  writeDurably(file, `${token}\n`, 0o600);
  return { token, isNew: true };
}

/**
 * Gives the key that secrets in the registry are sealed with: SEAL_KEY, DATA_DIR/seal-key, or a new one kept there.
 * @throws RondeError CONFIG_INVALID when others may read the file or it holds no key: one that is lost is never replaced
 */
export function sealKey(dataDir: string, given: string | undefined): Uint8Array {
  const known = findSealKey(dataDir, given);
  if (known) return known;
  const key = randomBytes(32);
  writeDurably(join(dataDir, SEAL_FILE), `${key.toString('hex')}\n`, 0o600);
  return key;
}

/**
 * Gives the key that secrets are sealed with, when there is one already.
 * @throws RondeError CONFIG_INVALID when others may read the file or it holds no key
 */
export function findSealKey(dataDir: string, given: string | undefined): Uint8Array | undefined {
  if (given) return Buffer.from(given, 'hex');
  const file = join(dataDir, SEAL_FILE);
  const kept = readSecret(file);
  if (kept === undefined) return undefined;
  if (/^[0-9a-f]{64}$/.test(kept)) return Buffer.from(kept, 'hex');
  throw new RondeError(
    'CONFIG_INVALID',
    `${file} does not hold 64 hexadecimal digits; put back a copy of it, or, when no network or device key was ever stored, remove it`,
  );
}

/** Reads a secret that only its owner may; undefined when there is none. */
function readSecret(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return undefined;
  // Windows keeps access elsewhere and shows every file as open
  if (process.platform !== 'win32' && (stat.mode & OTHERS) !== 0)
    throw new RondeError(
      'CONFIG_INVALID',
      `others may read or write ${file}; run "chmod 600 ${file}", and renew it if they did`,
    );
  return readFileSync(file, 'utf8').trim();
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
