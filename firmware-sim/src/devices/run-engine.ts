import { once } from 'node:events';
import { setImmediate as breathe } from 'node:timers/promises';
import type { SimClock } from '../clock.ts';
import type { Carrier } from '../transports/carrier.ts';
import type { Engine } from './engine.ts';

/** Lets an engine keep up with a clock. */
export interface EngineRun {
  start(): void;
  stop(): void;
  /** Runs to a moment as fast as the carrier takes messages; stops early when the signal says so. */
  fastForward(toMs: number, signal?: AbortSignal): Promise<void>;
  /** Settles when everything under way is handed over. */
  idle(): Promise<void>;
  /** The moment that everything has been done until. */
  doneMs(): number;
  /** Resolves when the end is reached. */
  ended: Promise<void>;
}

/** Host milliseconds between looks at what is due. */
const TICK_HOST_MS = 100;
/** Reports in one go: others in this process want their turn. */
const SLICE = 200;

/** Runs an engine on a clock until an end; it waits when the carrier has too much under way. */
export function runEngine(
  engine: Engine,
  options: { clock: SimClock; carrier: Carrier; startMs: number; endMs: number },
): EngineRun {
  const { clock, carrier, endMs } = options;
  const end = Promise.withResolvers<void>();
  // nobody may be waiting for it
  end.promise.catch(() => undefined);
  let cancel = (): void => undefined;
  let working: Promise<void> = Promise.resolve();
  let isStopped = false;
  const halt = Promise.withResolvers<void>();
  let doneMs = options.startMs;
  const advance = async (toMs: number, signal?: AbortSignal): Promise<void> => {
    while (!isStopped && !signal?.aborted) {
      const isDone = engine.advance(toMs, carrier.send, SLICE);
      doneMs = isDone ? toMs : Math.min(toMs, engine.nextMs());
      // a broker that is gone has no room ever again; the races are made only then, since each leaves a trace in `halt`
      const room = carrier.room();
      if (room) await Promise.race([room, halt.promise, abortOf(signal)]);
      if (isDone) return;
      await breathe();
    }
  };
  const tick = async (): Promise<void> => {
    const toMs = Math.min(endMs, clock.nowMs());
    await advance(toMs);
    if (doneMs >= endMs) end.resolve();
    else plan();
  };
  const plan = (): void => {
    const nextMs = Math.min(endMs, engine.nextMs());
    if (isStopped || nextMs === Infinity) return;
    cancel = clock.after(Math.max(TICK_HOST_MS * clock.speed, nextMs - clock.nowMs()), () => {
      working = tick().catch(end.reject);
    });
  };
  return {
    ended: end.promise,
    start: plan,
    stop() {
      isStopped = true;
      halt.resolve();
      cancel();
    },
    fastForward: advance,
    idle: () => working,
    doneMs: () => doneMs,
  };
}

function abortOf(signal: AbortSignal | undefined): Promise<unknown> {
  if (!signal) return new Promise(() => undefined);
  return signal.aborted ? Promise.resolve() : once(signal, 'abort');
}
