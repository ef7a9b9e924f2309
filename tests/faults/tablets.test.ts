import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Round } from '@ronde/contracts';
import { planRound } from './city.ts';
import type { RondeProcess } from './platform-process.ts';
import { emptyDir, ronde } from './scene.ts';

const TABLETS = 500;
const PER_TOKEN = 20;
const WAIT = { timeout: 120_000, interval: 100 };

/** A tablet that keeps the rounds it is told of, as the app does, and comes back after a random pause that grows. */
function tablet(urlNow: () => string, token: string) {
  const rounds = new Map<string, Round>();
  let socket: WebSocket | undefined;
  let since: { epoch: string; offset: number } | undefined;
  let isDone = false;
  let pauseMs = 100;
  let snaps = 0;
  const take = (text: string): void => {
    const message = JSON.parse(text) as {
      type: string;
      epoch?: string;
      offset: number;
      rounds?: Round[];
      round?: Round;
    };
    if (message.type === 'snap') {
      rounds.clear();
      for (const round of message.rounds!) rounds.set(round.id, round);
      since = { epoch: message.epoch!, offset: message.offset };
      snaps += 1;
      pauseMs = 100;
    }
    if (message.type !== 'round') return;
    rounds.set(message.round!.id, message.round!);
    since = { ...since!, offset: message.offset };
  };
  const open = (): void => {
    if (isDone) return;
    const own = (socket = new WebSocket(`${urlNow().replace('http', 'ws')}/v1/crew`, { perMessageDeflate: false }));
    own.on('error', () => undefined);
    own.on('message', (data: Buffer) => take(String(data)));
    own.once('open', () => {
      own.send(JSON.stringify({ type: 'auth', token }));
      own.send(JSON.stringify({ type: 'sub', topic: 'rounds', ...(since && { since }) }));
    });
    own.once('close', () => {
      pauseMs = Math.min(5_000, pauseMs * 2);
      setTimeout(open, pauseMs * Math.random());
    });
  };
  open();
  onTestFinished(() => {
    isDone = true;
    socket?.terminate();
  });
  return { snaps: () => snaps, round: (id: string) => rounds.get(id), isOpen: () => socket?.readyState === 1 };
}

async function makeTokens(running: RondeProcess): Promise<string[]> {
  const tokens: string[] = [];
  for (let index = 0; index < TABLETS / PER_TOKEN; index++) {
    const made = await running.call<{ token: string }>('POST', '/v1/tokens', {
      role: 'operator',
      label: `tablets ${index}`,
    });
    tokens.push(made.token);
  }
  return tokens;
}

test(
  `${TABLETS} tablets that come back at once after kill -9 all show the same rounds again, and what happened since`,
  { timeout: 300_000 },
  async () => {
    const dataDir = emptyDir();
    let running = await ronde(dataDir, { SOLVE_S: '0.5' });
    const round = await planRound(running);
    const tokens = await makeTokens(running);
    const tablets = Array.from({ length: TABLETS }, (_, index) =>
      tablet(() => running.url, tokens[index % tokens.length]!),
    );
    const stops = round.stops.filter(({ kind }) => kind === 'asset');
    const arrive = (index: number): Promise<object> =>
      running.call('POST', '/v1/crew-events', {
        id: crypto.randomUUID(),
        roundId: round.id,
        roundVersion: round.version,
        stopId: stops[index]!.id,
        kind: 'arrived',
        deviceAt: new Date().toISOString(),
      });
    const statusOf = (shown: Round | undefined, index: number): string | undefined =>
      shown?.stops.find(({ id }) => id === stops[index]!.id)?.status;
    const allShow = (index: number): Promise<void> =>
      vi.waitFor(async () => {
        const told = await running.call<Round>('GET', `/v1/rounds/${round.id}`);
        const different = tablets.filter((one) => !isDeepStrictEqual(one.round(round.id)?.stops, told.stops));
        expect({ status: statusOf(told, index), different: different.length }).toEqual({
          status: 'arrived',
          different: 0,
        });
      }, WAIT);
    expect(await arrive(0)).toMatchObject({ status: 'stored' });
    await allShow(0);
    await running.kill();
    running = await ronde(dataDir, { SOLVE_S: '0.5' });
    const startMs = performance.now();
    // while they come back
    expect(await arrive(1)).toMatchObject({ status: 'stored' });
    await allShow(1);
    const tookMs = performance.now() - startMs;
    expect(tablets.filter((one) => !one.isOpen())).toEqual([]);
    expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
    process.stderr.write(
      `${TABLETS} tablets back after kill -9: all the same ${Math.round(tookMs)} ms after the start\n`,
    );
  },
);
