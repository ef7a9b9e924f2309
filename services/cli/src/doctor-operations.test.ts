import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openInbox } from '@ronde/inbox';
import { diagnose } from './doctor.ts';

test('doctor names secrets that others can read, a lock that is held, a bad certificate and a second place that is gone', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-doctor-'));
  const inbox = await openInbox({ dir: join(dir, 'inbox') });
  onTestFinished(async () => {
    await inbox.close();
    rmSync(dir, { recursive: true });
  });
  writeFileSync(join(dir, 'admin-token'), 'secret-of-the-test');
  chmodSync(join(dir, 'admin-token'), 0o644);
  const gone = join(dir, 'not-mounted');
  const env = { DATA_DIR: dir, HTTP_PORT: '0', MQTT_PORT: '0', INBOX_SHIP_URL: `file:${gone}` };
  const report = await diagnose({ ...env, TLS_CERT_FILE: join(dir, 'admin-token') });
  const details = new Map(report.checks.filter(({ ok }) => !ok).map(({ name, detail }) => [name, detail]));
  expect(details.get('secrets')).toContain(`chmod 600 ${join(dir, 'admin-token')}`);
  expect(details.get('lock')).toContain('stop it');
  expect(details.get('TLS_CERT_FILE')).toContain('cannot be read as a certificate');
  expect(details.get('INBOX_SHIP_URL')).toContain('not-mounted');
  expect(JSON.stringify(report)).not.toContain('secret-of-the-test');
});
