import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { createHealth, createHttp, openMetrics, silentLog } from '@ronde/kit';
import { PlatformConfig } from './config.ts';
import { openHttps } from './https.ts';

function hasOpenssl(): boolean {
  try {
    return execFileSync('openssl', ['version']).length > 0;
  } catch {
    return false;
  }
}

test.skipIf(!hasOpenssl())(
  'HTTPS serves the same routes, and refuses ciphers without authentication (needs the openssl command)',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ronde-https-'));
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-days', '1', '-nodes'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    });
    const http = await createHttp({ authenticate: async () => undefined, version: '1.2.3' });
    http.get('/here', async () => 'here');
    await http.ready();
    const config = PlatformConfig.parse({ HTTPS_PORT: '0', TLS_CERT_FILE: cert, TLS_KEY_FILE: key });
    const https = (await openHttps(http, config, {
      log: silentLog(),
      metrics: openMetrics(),
      health: createHealth(),
      nowMs: Date.now,
    }))!;
    onTestFinished(async () => {
      await https.close();
      await http.close();
    });
    const answer = await new Promise((resolve, reject) => {
      const call = request({ port: https.port, path: '/here', rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers['api-version']]);
      });
      call.on('error', reject).end();
    });
    expect(answer).toEqual([200, '1.2.3']);
    const weak = connect({
      port: https.port,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-RSA-AES128-SHA:@SECLEVEL=0',
    });
    await expect(
      new Promise((resolve, reject) => weak.once('secureConnect', resolve).once('error', reject)),
    ).rejects.toThrow();
  },
);
