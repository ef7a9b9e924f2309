import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readAll } from './config.ts';
import { adminToken, sealKey } from './secrets.ts';

function dataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-secrets-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('secrets are made once, for their owner only, and nothing else is left beside them', () => {
  const dir = dataDir();
  const made = adminToken(dir, undefined);
  const key = sealKey(dir, undefined);
  expect(adminToken(dir, undefined)).toEqual({ token: made.token, isNew: false });
  expect(Buffer.from(sealKey(dir, undefined)).equals(Buffer.from(key))).toBe(true);
  expect(readdirSync(dir).sort()).toEqual(['admin-token', 'seal-key']);
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
});

test('an admin token that a stop left empty is made anew', () => {
  const dir = dataDir();
  writeFileSync(join(dir, 'admin-token'), '', { mode: 0o600 });
  const { token, isNew } = adminToken(dir, undefined);
  expect(isNew).toBe(true);
  expect(token.length).toBeGreaterThan(20);
  expect(readFileSync(join(dir, 'admin-token'), 'utf8').trim()).toBe(token);
});

test.each(['', 'abc123\n', `${'g'.repeat(64)}\n`])('a seal-key that holds %j is refused, never replaced', (text) => {
  const dir = dataDir();
  const file = join(dir, 'seal-key');
  writeFileSync(file, text, { mode: 0o600 });
  expect(() => sealKey(dir, undefined)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  expect(() => sealKey(dir, undefined)).toThrow(/seal-key .*64 hexadecimal digits.*remove it/);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test.skipIf(process.platform === 'win32').each(['admin-token', 'seal-key'])(
  'a %s that others may read is refused with the remedy (skipped on Windows)',
  (name) => {
    const dir = dataDir();
    const open = (): unknown => (name === 'seal-key' ? sealKey(dir, undefined) : adminToken(dir, undefined));
    open();
    for (const mode of [0o644, 0o640, 0o602]) {
      chmodSync(join(dir, name), mode);
      expect(open).toThrow(/others may read or write.*chmod 600/);
    }
    chmodSync(join(dir, name), 0o600);
    expect(open).not.toThrow();
  },
);

test.each([
  ['ADMIN_TOKEN', 'changemechangeme'],
  ['ADMIN_TOKEN', '0000000000000000'],
  ['SEAL_KEY', '0'.repeat(64)],
])('%s = %s is too easy to guess and is refused', (name, value) => {
  const read = readAll({ [name]: value });
  expect(read.ok ? [] : read.faults.map(({ field }) => field)).toEqual([name]);
});
