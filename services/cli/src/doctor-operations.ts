import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { probeSecondPlace } from '@ronde/inbox';
import { s3Of, type AllConfigs } from '@ronde/run';
import type { Check } from './doctor.ts';

const SECRETS = ['admin-token', 'seal-key', 'erasures.jsonl'];
const DAY_MS = 86_400_000;
const RENEW_DAYS = 14;

/** Looks at what makes a running Ronde unsafe or stops it later: secrets, lock, certificate, second place. */
export async function checkOperations(platform: AllConfigs['platform'], dataDir: string): Promise<Check[]> {
  return [
    checkSecrets(dataDir),
    checkLock(dataDir),
    ...checkCertificate(platform.TLS_CERT_FILE),
    ...(await checkSecondPlace(platform)),
  ];
}

function checkSecrets(dataDir: string): Check {
  const open = SECRETS.map((name) => join(dataDir, name)).filter(
    (file) => existsSync(file) && (statSync(file).mode & 0o077) !== 0,
  );
  const detail = open.length === 0 ? 'nobody else can read them' : `others can read them: chmod 600 ${open.join(' ')}`;
  return { name: 'secrets', ok: open.length === 0, detail };
}

/** The lock that a running Ronde holds, tried and given back. */
function checkLock(dataDir: string): Check {
  const file = join(dataDir, 'inbox', 'inbox.lock');
  if (!existsSync(file)) return { name: 'lock', ok: true, detail: 'no Ronde has run here yet' };
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE; ROLLBACK');
    return { name: 'lock', ok: true, detail: 'no Ronde runs on DATA_DIR' };
  } catch {
    return { name: 'lock', ok: false, detail: `a Ronde runs on ${dataDir}: stop it, or choose another DATA_DIR` };
  } finally {
    db.close();
  }
}

function checkCertificate(file: string | undefined): Check[] {
  if (file === undefined) return [];
  const name = 'TLS_CERT_FILE';
  try {
    const { validTo } = new X509Certificate(readFileSync(file));
    const days = Math.floor((Date.parse(validTo) - Date.now()) / DAY_MS);
    const detail = days < 0 ? `has ended on ${validTo}` : `ends in ${days} days`;
    return [{ name, ok: days >= RENEW_DAYS, detail: days >= RENEW_DAYS ? detail : `${detail}: renew it` }];
  } catch (error) {
    return [{ name, ok: false, detail: `${file} cannot be read as a certificate: ${(error as Error).message}` }];
  }
}

async function checkSecondPlace(platform: AllConfigs['platform']): Promise<Check[]> {
  const { INBOX_SHIP_URL: url } = platform;
  if (url === undefined) return [];
  const name = 'INBOX_SHIP_URL';
  const fault = await probeSecondPlace(url, s3Of(platform));
  if (fault === undefined) return [{ name, ok: true, detail: 'answers' }];
  return [{ name, ok: false, detail: `${fault}: check that the folder is mounted, or address and keys` }];
}
