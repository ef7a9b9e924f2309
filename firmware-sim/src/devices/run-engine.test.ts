import { expect, test } from 'vitest';
import { createCity } from '../city/create-city.ts';
import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import { createHandClock, runFleet } from '../testing.ts';
import type { Carrier } from '../transports/carrier.ts';
import type { Posting } from './engine.ts';
import { runEngine } from './run-engine.ts';

const city = createCity({ seed: 6, share: 0.05 });
const startMs = Date.UTC(2026, 8, 14, 6);

/** A carrier that keeps what it is sent and has room only when the test says so. */
function createSlowCarrier(): Carrier & { sent: Posting[]; full: boolean; makeRoom(): void } {
  const sent: Posting[] = [];
  let go = (): void => undefined;
  return {
    sent,
    full: false,
    makeRoom() {
      this.full = false;
      go();
    },
    send: (posting) => void sent.push(posting),
    room() {
      return this.full ? new Promise<void>((resolve) => (go = resolve)) : undefined;
    },
    drained: () => Promise.resolve(),
    ready: () => Promise.resolve(),
    stats: () => ({ acked: sent.length, failed: 0, waiting: 0, connections: 0, connected: 0 }),
    close: () => Promise.resolve(),
  };
}

async function open(endMs: number) {
  const { engine } = await runFleet({ fleet: city, mix: {}, hours: 0 });
  const whole = await runFleet({ fleet: city, mix: {}, hours: (endMs - startMs) / HOUR_MS });
  const carrier = createSlowCarrier();
  const clock = createHandClock(startMs);
  const run = runEngine(engine, { clock, carrier, startMs, endMs });
  return { carrier, clock, run, expected: whole.postings.map(({ message }) => message) };
}

test('follows the clock to the end and stops there, with the messages of a run in one go', async () => {
  const { carrier, clock, run, expected } = await open(startMs + HOUR_MS);
  run.start();
  await clock.advance(30 * MINUTE_MS, run.idle);
  expect(carrier.sent.length).toBeGreaterThan(0);
  expect(carrier.sent.every(({ atMs }) => atMs <= startMs + 30 * MINUTE_MS)).toBe(true);
  await clock.advance(3 * HOUR_MS, run.idle);
  await run.ended;
  expect(run.doneMs()).toBe(startMs + HOUR_MS);
  expect(carrier.sent.map(({ message }) => message)).toEqual(expected);
});

test('goes as fast as the carrier has room, and no faster', async () => {
  const { carrier, run, expected } = await open(startMs + 20 * HOUR_MS);
  carrier.full = true;
  const done = run.fastForward(startMs + 20 * HOUR_MS);
  await Promise.resolve();
  const held = carrier.sent.length;
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(expected.length);
  carrier.makeRoom();
  await done;
  expect(carrier.sent.map(({ message }) => message)).toEqual(expected);
});

test('stops also while the carrier has no room, as with a broker that is gone', async () => {
  const { carrier, clock, run } = await open(startMs + 20 * HOUR_MS);
  carrier.full = true;
  run.start();
  const moved = clock.advance(HOUR_MS, () => Promise.resolve());
  await moved;
  run.stop();
  await run.idle();
  const stop = new AbortController();
  const other = await open(startMs + 20 * HOUR_MS);
  other.carrier.full = true;
  const done = other.run.fastForward(startMs + 20 * HOUR_MS, stop.signal);
  stop.abort();
  await done;
  expect(carrier.sent.length + other.carrier.sent.length).toBeGreaterThan(0);
});

test('stops when it is told to', async () => {
  const { carrier, run, expected } = await open(startMs + 20 * HOUR_MS);
  const stop = new AbortController();
  const done = run.fastForward(startMs + 20 * HOUR_MS, stop.signal);
  stop.abort();
  await done;
  expect(carrier.sent.length).toBeLessThan(expected.length);
});
