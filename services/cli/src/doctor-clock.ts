import { execFile } from 'node:child_process';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { promisify } from 'node:util';
import type { AllConfigs } from '@ronde/run';
import type { Check } from './doctor.ts';

/** A device's clock may run ten minutes ahead; a server's is kept by NTP to milliseconds, and a Date header counts seconds. */
const TOLERANCE_S = 5;
const PATIENCE_MS = 3_000;
const REMEDY = 'let NTP keep it ("timedatectl set-ntp true", or chrony)';

type Synced = 'yes' | 'no' | 'unknown';
export interface ClockParts {
  nowMs(): number;
  synced(): Promise<Synced>;
}

/**
 * Holds the host's clock against those of the servers in the configuration and against what the kernel says of NTP: times of
 * receipt, "last" values, plans and certificates all rest on it.
 */
export async function checkClock(
  platform: AllConfigs['platform'],
  { nowMs, synced }: ClockParts = { nowMs: Date.now, synced: kernelSynced },
): Promise<Check> {
  const name = 'clock';
  const asked = await Promise.all(
    serversOf(platform).map(async ([variable, ask]) => {
      const beforeMs = nowMs();
      const serverMs = await ask().catch(() => undefined);
      // where the server does not answer, another check says so
      return serverMs === undefined
        ? []
        : [{ variable, behindS: Math.round((serverMs - (beforeMs + nowMs()) / 2) / 1_000) }];
    }),
  );
  const compared = asked.flat();
  const off = compared.filter(({ behindS }) => Math.abs(behindS) > TOLERANCE_S);
  if (off.length > 0) {
    const words = off.map(
      ({ variable, behindS }) =>
        `${Math.abs(behindS)} s ${behindS > 0 ? 'behind' : 'ahead of'} the clock of the server of ${variable}`,
    );
    return { name, ok: false, detail: `${new Date(nowMs()).toISOString()}: ${words.join(', ')}; ${REMEDY} on both` };
  }
  const state = await synced();
  if (state === 'no') return { name, ok: false, detail: `nothing keeps the clock right: ${REMEDY}` };
  const agrees = compared.map(({ variable }) => variable).join(', ');
  const parts = [
    ...(state === 'yes' ? ['kept by NTP'] : []),
    ...(agrees === '' ? [] : [`agrees with the server of ${agrees}`]),
  ];
  return { name, ok: true, detail: parts.join(', ') || 'nothing here to hold it against, and NTP cannot be seen' };
}

type Ask = () => Promise<number | undefined>;

function serversOf({ REGISTRY_URL, READINGS_URL, INBOX_SHIP_URL }: AllConfigs['platform']): [string, Ask][] {
  const urls = [
    ['REGISTRY_URL', REGISTRY_URL],
    ['READINGS_URL', READINGS_URL],
    ['INBOX_SHIP_URL', INBOX_SHIP_URL ?? ''],
  ] as const;
  return urls.flatMap(([variable, url]): [string, Ask][] => {
    if (/^postgres(ql)?:/.test(url)) return [[variable, () => postgresClock(variable, url)]];
    const http = /^(?:influxdb|s3)\+(https?:.*)$/.exec(url)?.[1];
    return http === undefined ? [] : [[variable, () => httpClock(http)]];
  });
}

async function postgresClock(variable: string, url: string): Promise<number | undefined> {
  const { probePostgres } = await import('@ronde/postgres');
  return (await probePostgres(variable, url)).clockMs;
}

/** Any answer has a Date (RFC 9110, 6.6.1), also one that refuses. */
function httpClock(url: string): Promise<number | undefined> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asking = request(url, { method: 'HEAD', timeout: PATIENCE_MS }, (answer) => {
      answer.resume();
      const ms = Date.parse(answer.headers.date ?? '');
      resolve(Number.isNaN(ms) ? undefined : ms);
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', reject);
    asking.end();
  });
}

/** What the kernel knows, whoever sets the clock: systemd asks adjtimex(2), which chrony and ntpd set as well. */
async function kernelSynced(): Promise<Synced> {
  try {
    const asked = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
      timeout: PATIENCE_MS,
    });
    const answer = asked.stdout.trim();
    return answer === 'yes' || answer === 'no' ? answer : 'unknown';
  } catch {
    return 'unknown';
  }
}
