import { X509Certificate, constants } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type Server, type TlsOptions } from 'node:tls';
import { RondeError } from '@ronde/contracts';
import type { Health } from './health.ts';
import type { Logger } from './log.ts';
import { gauge, type Metrics } from './metrics.ts';

/**
 * What every TLS listener speaks: TLS 1.2 with forward secrecy and authenticated encryption only, or 1.3; our order; no
 * renegotiation. The list is that of RFC 9325, §4.2, without the ciphers that constrained devices and browsers never chose.
 */
const TLS_RULES = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
  ecdhCurve: 'X25519:P-256:P-384',
  honorCipherOrder: true,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
} as const satisfies TlsOptions;

const CHECK_MS = 60_000;
const DAY_MS = 86_400_000;
/** So long before its end a certificate is an alarm. */
const ALARM_DAYS = 14;

export interface CertificateFiles {
  certFile: string;
  keyFile: string;
  /** Authority whose client certificates are believed. */
  clientCaFile?: string | undefined;
}
/** A certificate in files, followed as they change. */
export interface Certificate {
  /** Options for a TLS server, the rules included. */
  options: TlsOptions;
  /** Keeps a server on the newest certificate from now on. */
  follow(server: Server): void;
  /** Reads the files again when one has changed; a minute's timer does so too. */
  check(): void;
  daysLeft(): number;
  close(): void;
}
export interface CertificateDeps {
  log: Logger;
  metrics: Metrics;
  health: Health;
  nowMs: () => number;
}

/**
 * Opens a certificate: renewed files are used without a restart, and its last fourteen days show in health, metrics and log.
 * @throws RondeError CONFIG_INVALID when the files cannot be read or do not fit together
 */
export function openCertificate(files: CertificateFiles, deps: CertificateDeps): Certificate {
  let current = read(files);
  let seen = stamp(files);
  let alarmed = false;
  const servers: Server[] = [];
  const daysLeft = (): number => (current.endMs - deps.nowMs()) / DAY_MS;
  const alarm = (): void => {
    const soon = daysLeft() < ALARM_DAYS;
    if (soon && !alarmed) deps.log.warn({ days_left: Math.floor(daysLeft()) }, 'tls.certificate.expire');
    alarmed = soon;
  };
  const check = (): void => {
    const now = stamp(files);
    if (now !== seen) {
      try {
        current = read(files);
        for (const server of servers) server.setSecureContext(current.options);
        seen = now;
        deps.log.info({ days_left: Math.floor(daysLeft()) }, 'tls.certificate.renew');
      } catch (thrown) {
        // only one of the files is new yet: the next check tries again
        deps.log.debug({ err: thrown }, 'tls.certificate.wait');
      }
    }
    alarm();
  };
  alarm();
  tell(deps, daysLeft);
  const timer = setInterval(check, CHECK_MS).unref();
  return {
    options: current.options,
    follow: (server) => void servers.push(server),
    check,
    daysLeft,
    close: () => clearInterval(timer),
  };
}

function tell({ health, metrics }: CertificateDeps, daysLeft: () => number): void {
  health.add('certificate', () => {
    const days = daysLeft();
    // plain listeners go on, so that this is no reason to be taken out of service
    if (days >= ALARM_DAYS) return { ok: true };
    return { ok: true, detail: days < 0 ? 'has expired' : `expires in ${Math.floor(days)} days` };
  });
  // HTTPS and MQTT over TLS share the files
  if (metrics.getSingleMetric('ronde_tls_certificate_days_left')) return;
  gauge(metrics, 'tls_certificate_days_left', 'Days until the TLS certificate expires', daysLeft);
}

function read({ certFile, keyFile, clientCaFile }: CertificateFiles): { options: TlsOptions; endMs: number } {
  try {
    const cert = readFileSync(certFile);
    const options = {
      ...TLS_RULES,
      cert,
      key: readFileSync(keyFile),
      ...(clientCaFile && { ca: readFileSync(clientCaFile) }),
    };
    createSecureContext(options);
    return { options, endMs: new X509Certificate(cert).validToDate.getTime() };
  } catch (cause) {
    throw new RondeError(
      'CONFIG_INVALID',
      `TLS_CERT_FILE and TLS_KEY_FILE are needed, as PEM files that fit together: ${(cause as Error).message}`,
      { cause },
    );
  }
}

const stamp = ({ certFile, keyFile, clientCaFile }: CertificateFiles): string =>
  [certFile, keyFile, clientCaFile]
    .map((file) => (file ? (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) : 0))
    .join();
