import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { connectAsync, type IClientOptions } from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHealth, openCertificate, openMetrics, silentLog } from '@ronde/kit';
import { SECRET, startRig, type Rig } from './harness.ts';

const credentials = { clientId: 'bin-1', username: 'bin-1', password: SECRET, reconnectPeriod: 0 };
const own = 'v1/default/bin-1/up';
const DAY_MS = 86_400_000;

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('skipped: TLS, without the openssl command\n');
    return false;
  }
}

/** Makes certificates with the openssl command: an authority of its own, and names that it signs. */
function authority() {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-tls-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const at = (name: string): string => join(dir, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore', cwd: dir });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '30', '-subj', '/CN=city', '-keyout', 'ca.key', '-out', 'ca.pem');
  return {
    at,
    caFile: at('ca.pem'),
    sign(name: string, { days = 30, altName = '' } = {}) {
      openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
      writeFileSync(at('ext'), altName === '' ? '' : `subjectAltName=DNS:${altName}`);
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext'];
      openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-days', String(days), '-out', `${name}.pem`);
      return { certFile: at(`${name}.pem`), keyFile: at(`${name}.key`) };
    },
  };
}

async function tlsRig(over: object = {}): Promise<{ rig: Rig; ca: ReturnType<typeof authority>; port: number }> {
  const ca = authority();
  const { certFile, keyFile } = ca.sign('localhost');
  const config = { MQTTS_PORT: 0, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile };
  const rig = await startRig({
    config: { ...config, ...((over as { clientCa?: true }).clientCa && { MQTTS_CLIENT_CA_FILE: ca.caFile }) },
  });
  await rig.addDevice('bin-1');
  return { rig, ca, port: rig.broker.ports().mqtts! };
}

/** Shakes hands and tells what was agreed; rejects when it was not. */
async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  socket.on('error', () => undefined);
  return socket;
}

async function login(port: number, options: IClientOptions): Promise<void> {
  const over = { ...credentials, rejectUnauthorized: false, ...options };
  const client = await connectAsync(`mqtts://127.0.0.1:${port}`, over, false);
  onTestFinished(() => void client.end(true));
  await client.publishAsync(own, '{}', { qos: 1 });
}

describe.skipIf(!hasOpenssl())('TLS', () => {
  test('a device speaks MQTT over TLS, and a bad login hears CONNACK 5', async () => {
    const { rig, port } = await tlsRig();
    await login(port, {});
    expect((await rig.frames()).length).toBe(1);
    await expect(login(port, { password: 'wrong' })).rejects.toMatchObject({ code: 5 });
  });

  test('only TLS 1.2 with authenticated encryption and forward secrecy, and 1.3, are spoken', async () => {
    const { port } = await tlsRig();
    const agreed = async (options: ConnectionOptions): Promise<string> => {
      const socket = await handshake(port, options).catch(() => undefined);
      return socket ? `${socket.getProtocol()} ${socket.getCipher().name}` : 'refused';
    };
    const only = (ciphers: string): ConnectionOptions => ({ maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` });
    expect(await agreed({})).toBe('TLSv1.3 TLS_AES_256_GCM_SHA384');
    expect(await agreed({ maxVersion: 'TLSv1.2' })).toBe('TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384');
    for (const weak of [
      'ECDHE-ECDSA-AES128-SHA',
      'ECDHE-ECDSA-AES256-SHA384',
      'ECDHE-RSA-AES128-SHA256',
      'AES128-GCM-SHA256',
    ])
      expect(await agreed(only(weak)), weak).toBe('refused');
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' };
      expect(await agreed(old), version).toBe('refused');
    }
  });

  test('a client that wants to renegotiate is refused', async () => {
    const { port } = await tlsRig();
    const socket = await handshake(port, { maxVersion: 'TLSv1.2' });
    const outcome = new Promise((resolve) => {
      socket.once('close', () => resolve('closed'));
      socket.once('error', () => resolve('closed'));
      socket.renegotiate({ rejectUnauthorized: false }, (error) => resolve(error ? 'closed' : 'renegotiated'));
    });
    expect(await outcome).toBe('closed');
  });

  test('a device whose id is in its certificate needs no secret, and is nobody else', async () => {
    const { ca, port } = await tlsRig({ clientCa: true });
    const shows = ({ certFile, keyFile }: { certFile: string; keyFile: string }): IClientOptions => ({
      cert: readFileSync(certFile),
      key: readFileSync(keyFile),
      username: undefined,
      password: undefined,
    });
    await login(port, shows(ca.sign('bin-1')));
    await login(port, shows(ca.sign('serial-4711', { altName: 'bin-1' })));
    const other = shows(ca.sign('bin-2'));
    await expect(login(port, other)).rejects.toMatchObject({ code: 5 });
    await expect(login(port, { ...other, username: 'bin-1', password: SECRET })).rejects.toMatchObject({ code: 5 });
    await expect(
      login(port, { ...shows(ca.sign('bin-1')), username: 'bin-1', password: 'wrong' }),
    ).rejects.toMatchObject({ code: 5 });
    await login(port, {});
    const foreign = authority().sign('bin-1');
    await expect(login(port, shows(foreign))).rejects.toThrow();
  });

  test('a renewed certificate is shown without a restart, not before both files are new', async () => {
    const { rig, ca, port } = await tlsRig();
    const nameShown = async () => (await handshake(port)).getPeerCertificate().subject.CN;
    expect(await nameShown()).toBe('localhost');
    const renewed = ca.sign('renewed');
    copyFileSync(renewed.certFile, ca.at('localhost.pem'));
    utimesSync(ca.at('localhost.pem'), 1, 1);
    rig.broker.checkCertificate();
    expect(await nameShown()).toBe('localhost');
    copyFileSync(renewed.keyFile, ca.at('localhost.key'));
    utimesSync(ca.at('localhost.key'), 1, 1);
    rig.broker.checkCertificate();
    expect(await nameShown()).toBe('renewed');
  });

  test('a certificate tells in health and metrics of its last fourteen days', async () => {
    const files = authority().sign('localhost', { days: 20 });
    let nowMs = Date.now();
    const [health, metrics] = [createHealth(), openMetrics()];
    const certificate = openCertificate(files, { log: silentLog(), metrics, health, nowMs: () => nowMs });
    onTestFinished(() => certificate.close());
    const told = () => health.report().parts['certificate'];
    expect(told()).toEqual({ ok: true });
    nowMs += 10 * DAY_MS;
    expect(told()).toEqual({ ok: true, detail: 'expires in 9 days' });
    expect(await metrics.getSingleMetricAsString('ronde_tls_certificate_days_left')).toMatch(/days_left (9\.9|10)/);
    nowMs += 11 * DAY_MS;
    expect(told()).toEqual({ ok: true, detail: 'has expired' });
  });
});
