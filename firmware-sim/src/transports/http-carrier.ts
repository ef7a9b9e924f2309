import { setTimeout as sleep } from 'node:timers/promises';
import type { Source } from '@ronde/contracts';
import type { SimLog } from '../clock.ts';
import type { Posting } from '../devices/engine.ts';
import { createWindow, type Carrier, type SimCredentials } from './carrier.ts';

export interface HttpCarrierOptions {
  url: string;
  credentials: SimCredentials;
  /** Sources that call webhooks. */
  sources: readonly Source[];
  log?: SimLog | undefined;
  /** First pause before a call is tried again; it doubles each time. */
  retryMs?: number;
}

/** Calls at the same time; a device keeps to one lane, so that its messages stay in order. */
const LANES = 16;
const WINDOW = 1_000;
const TRIES = 5;
const FIRST_RETRY_MS = 500;
const TIMEOUT_MS = 15_000;

/** Posts to `/v1/uplinks/{source}` as the network servers' webhooks do. */
export function openHttpCarrier(options: HttpCarrierOptions): Carrier {
  const { url, credentials, sources, log, retryMs = FIRST_RETRY_MS } = options;
  const window = createWindow(WINDOW);
  const count = { acked: 0, failed: 0 };
  const stop = new AbortController();
  const lanes = Array.from({ length: LANES }, () => Promise.resolve());
  let lastFault = '';
  let isUp = true;
  const told = (fault: string): void => {
    if (fault !== lastFault) log?.warn({ url, fault }, 'sim.webhook.fail');
    lastFault = fault;
  };
  const post = async ({ network: { source }, message }: Posting): Promise<boolean> => {
    const credential = credentials.integrations[source];
    if (!credential) return false;
    for (let attempt = 0; attempt < TRIES && !stop.signal.aborted; attempt++) {
      const fault = await tryOnce(new URL(`/v1/uplinks/${source}${message.to}`, url), message.body, {
        secret: credential.secret,
        signal: stop.signal,
      });
      isUp = fault === undefined;
      if (isUp) return true;
      told(fault!.text);
      if (!fault!.retriable) return false;
      await sleep(retryMs * 2 ** attempt, undefined, { signal: stop.signal }).catch(() => undefined);
    }
    return false;
  };
  return {
    send(posting) {
      window.begin();
      const lane = posting.device % LANES;
      lanes[lane] = lanes[lane]!.then(() => post(posting)).then((isAcked) => {
        count[isAcked ? 'acked' : 'failed'] += 1;
        window.end();
      });
    },
    room: window.room,
    drained: () => window.below(1),
    ready: async (timeoutMs) => {
      const answer = await fetch(new URL('/health/live', url), { signal: AbortSignal.timeout(timeoutMs) });
      await answer.arrayBuffer();
    },
    stats: () => ({
      ...count,
      waiting: window.waiting(),
      connections: sources.length,
      connected: isUp ? sources.length : 0,
    }),
    async close() {
      stop.abort();
      await Promise.all(lanes);
    },
  };
}

/** Gives what went wrong; undefined when the platform took it. */
async function tryOnce(
  url: URL,
  body: string | Uint8Array,
  { secret, signal }: { secret: string; signal: AbortSignal },
): Promise<{ text: string; retriable: boolean } | undefined> {
  const contentType = typeof body === 'string' ? 'application/json' : 'application/octet-stream';
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': contentType },
      body: typeof body === 'string' ? body : Buffer.from(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await answer.arrayBuffer();
    if (answer.ok) return undefined;
    return {
      text: `${url.pathname} answers ${answer.status}`,
      retriable: answer.status === 429 || answer.status >= 500,
    };
  } catch (error) {
    return { text: `${url.pathname}: ${error instanceof Error ? error.message : String(error)}`, retriable: true };
  }
}
