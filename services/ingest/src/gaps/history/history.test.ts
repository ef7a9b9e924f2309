import { describe, expect, onTestFinished, test } from 'vitest';
import type { DeviceRecord } from '@ronde/contracts';
import {
  chirpstackEvents,
  loriotCache,
  sigfoxBackend,
  thingsStackStorage,
  type HistoryDouble,
} from '../../../../../tests/fixtures/network-histories.ts';
import { createNetworkHttp } from '../../outside/http.ts';
import { HISTORY } from './index.ts';

const NOW = Date.UTC(2026, 0, 5, 6);
const MINUTE_MS = 60_000;
const EUI = 'a84041b2c1d2e3f4';
const OTHER = 'a84041b2c1d2e3f5';
const FOX = '1A2345';
const TIMEOUT_MS = 400;

const NETWORKS = {
  'things-stack': thingsStackStorage,
  chirpstack: () => chirpstackEvents({ history: 1_000, turnMs: 5 }),
  loriot: () => loriotCache(),
  sigfox: sigfoxBackend,
};
const deviceOf = (name: string): DeviceRecord => ({
  id: name,
  typeId: 'plain',
  createdAt: '',
  secretHash: '',
  externalIds: name.length < 16 ? { networkId: name } : { devEui: name },
});

async function open(make: () => Promise<HistoryDouble>): Promise<HistoryDouble> {
  const double = await make();
  onTestFinished(() => double.close());
  return double;
}
const nameOn = ({ source }: HistoryDouble): string => (source === 'sigfox' ? FOX : EUI);

/** Keeps uplinks `from` to `to`, one a minute. */
function keep(double: HistoryDouble, [from, to]: [number, number], name = nameOn(double)): void {
  for (let fCnt = from; fCnt <= to; fCnt++)
    double.hear({ name, fCnt, atMs: NOW + fCnt * MINUTE_MS, hex: '0d3b0aef00000001' });
}

async function ask(
  double: HistoryDouble,
  span: [number, number],
  { key = double.api.key, name = nameOn(double) } = {},
) {
  const pages = HISTORY[double.source]!.ask(
    {
      api: { ...double.api, key },
      device: deviceOf(name),
      fromMs: NOW + span[0] * MINUTE_MS - 1,
      toMs: NOW + span[1] * MINUTE_MS + 1,
    },
    createNetworkHttp(fetch, TIMEOUT_MS),
  );
  const counters: number[] = [];
  for (;;) {
    const page = await pages.next();
    if (page.done) return { counters, fault: page.value };
    counters.push(...page.value.map(counterOf));
  }
}
function counterOf(message: unknown): number {
  const flat = { ...(message as Record<string, never>), ...(message as { uplink_message?: object }).uplink_message };
  return Number(flat['f_cnt'] ?? flat['fcnt'] ?? flat['seqNumber'] ?? flat['fCnt'] ?? 0);
}
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe.each(Object.entries(NETWORKS))('%s', (_, make) => {
  test('gives the uplinks of one device within a span, the oldest first', async () => {
    const double = await open(make);
    keep(double, [0, 9]);
    keep(double, [0, 9], double.source === 'sigfox' ? 'FFFFFF' : OTHER);
    expect(await ask(double, [3, 7])).toEqual({ counters: numbers(3, 7), fault: undefined });
  });

  test('a key that is refused is a fault that no repetition mends, or one without status', async () => {
    const double = await open(make);
    keep(double, [0, 3]);
    const { counters, fault } = await ask(double, [0, 3], { key: 'wrong' });
    expect(counters).toEqual([]);
    expect(fault?.detail).toMatch(/40[13]|gRPC status 16|refused the key/);
    if (double.source !== 'loriot') expect([401, 403]).toContain(fault?.status);
    expect(fault?.detail).not.toContain('wrong');
  });

  test('a network that is asked too often says how long to wait', async () => {
    const double = await open(make);
    keep(double, [0, 3]);
    double.trouble = 'busy';
    const { counters, fault } = await ask(double, [0, 3]);
    expect(counters).toEqual([]);
    expect(fault).toMatchObject({ retriable: true });
    // a WebSocket has no header to say it in
    if (double.source !== 'loriot') expect(fault).toMatchObject({ status: 429, retryAfterMs: 120_000 });
  });

  test('a network that says nothing is given up in time', async () => {
    const double = await open(make);
    keep(double, [0, 3]);
    double.trouble = 'hang';
    expect(await ask(double, [0, 3])).toMatchObject({ counters: [], fault: { retriable: true } });
  });

  test('what came before an answer broke off is kept, and the break is told', async () => {
    const double = await open(make);
    keep(double, [0, 149]);
    double.trouble = 'half';
    const { counters, fault } = await ask(double, [0, 149]);
    expect(fault).toMatchObject({ retriable: true });
    expect(counters.length).toBeGreaterThan(0);
    expect(counters.length).toBeLessThan(150);
    expect(counters).toEqual([...counters].sort((a, b) => a - b));
  });

  test('an integration without its key says which field it needs', async () => {
    const double = await open(make);
    const { fault } = await ask(double, [0, 1], { key: '' });
    expect(fault?.detail).toContain('add it under "api"');
    expect(double.asked).toEqual([]);
  });
});

test.each(['things-stack', 'loriot', 'sigfox'] as const)(
  '%s gives more than one page, each uplink in its order',
  async (source) => {
    const double = await open(NETWORKS[source]);
    keep(double, [0, 1_249]);
    const { counters, fault } = await ask(double, [0, 1_249]);
    expect(fault).toBeUndefined();
    // a page may begin with what the one before ended with
    expect([...new Set(counters)]).toEqual(numbers(0, 1_249));
    expect(double.asked.length).toBeGreaterThan(2);
  },
);

test('Sigfox is asked for a whole device type, and by no other host', async () => {
  const double = await open(sigfoxBackend);
  keep(double, [0, 2]);
  keep(double, [3, 4], 'FFFFFF');
  const query = { api: double.api, fromMs: NOW - 1, toMs: NOW + 5 * MINUTE_MS };
  const [page] = await Array.fromAsync(HISTORY.sigfox!.ask(query, createNetworkHttp(fetch, TIMEOUT_MS)));
  expect(page).toHaveLength(5);
  const elsewhere = createNetworkHttp(async () =>
    Response.json({ data: [], paging: { next: 'http://evil.example/x' } }),
  );
  const pages = HISTORY.sigfox!.ask(query, elsewhere);
  await pages.next();
  expect(await pages.next()).toMatchObject({ done: true, value: { detail: 'the next page lies on another host' } });
});

test('LORIOT sends live uplinks over the same socket: they are kept as well', async () => {
  const double = await loriotCache();
  onTestFinished(() => double.close());
  keep(double, [0, 2]);
  const live = double.hear({ name: EUI, fCnt: 99, atMs: NOW + 1e9, hex: '00' });
  const asking = ask(double, [0, 2]);
  while (double.sockets.size === 0) await new Promise((resolve) => setImmediate(resolve));
  for (const socket of double.sockets) socket.send(JSON.stringify(live));
  const { counters } = await asking;
  expect(new Set(counters)).toEqual(new Set([0, 1, 2, 99]));
});

test('ChirpStack keeps the last events only: what fell out of its log is not there', async () => {
  const double = await open(() => chirpstackEvents({ history: 10, turnMs: 5 }));
  keep(double, [0, 29]);
  expect((await ask(double, [0, 29])).counters).toEqual(numbers(20, 29));
});

test('an answer that does not fit is a fault, and never cut', async () => {
  const http = createNetworkHttp(async () => new Response('x'.repeat(2_000)));
  expect(await http.call({ method: 'GET', url: 'http://a', maxBytes: 1_000 })).toMatchObject({
    ok: false,
    detail: 'the network answers more than fits',
  });
});
