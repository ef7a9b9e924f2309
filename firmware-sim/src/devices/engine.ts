import type { City, CityDevice } from '../city/model.ts';
import { jitterMs } from '../faults/jitter.ts';
import type { FaultMix } from '../faults/model.ts';
import type { World } from '../fill/world.ts';
import type { Message, Network } from '../networks/model.ts';
import { createRng } from '../rng.ts';
import type { Truth } from '../truth.ts';
import type { TypeBook } from '../type-book.ts';
import { createComposer } from './compose.ts';
import { createDueHeap } from './due-heap.ts';
import { createFleetParts, memoryOf, type DeviceMemory } from './fleet-parts.ts';
import { createReporter } from './report.ts';
import { createTransmitter } from './transmit.ts';
import { beginLine, deviceLine } from './truth-lines.ts';

/** A message on its way to a connection. */
export interface Posting {
  device: number;
  network: Network;
  message: Message;
  /** Simulated time. */
  atMs: number;
  /** True: the same again, as after a missing acknowledgement. */
  again: boolean;
}
export type Put = (posting: Posting) => void;

/** What became of the messages so far. */
export interface Counts {
  reports: number;
  published: number;
  lost: number;
  duplicates: number;
  late: number;
}

/** A fleet that reports in simulated time: no timers, no waiting, and the same stream for the same seed. */
export interface Engine {
  /**
   * Does everything that is due until a moment, in order of time.
   * @param most stops after so many reports
   * @returns true when everything until then is done
   */
  advance(untilMs: number, put: Put, most?: number): boolean;
  /** When the next thing is due; Infinity when nothing will ever be. */
  nextMs(): number;
  readonly count: Counts;
  memory(): Record<string, DeviceMemory>;
}

export interface EngineOptions {
  fleet: Pick<City, 'seed' | 'devices'>;
  world: World;
  types: TypeBook;
  networkOf(device: CityDevice): Network;
  mix: FaultMix;
  seed: number;
  startMs: number;
  truth: Truth;
  memory?: Record<string, DeviceMemory> | undefined;
  /** What stands on the wire for a simulated moment; the same moment when absent. */
  wireMs?: ((simMs: number) => number) | undefined;
  /** False: what a busy host missed is left out instead of sent in a burst. */
  catchUp?: boolean | undefined;
}

/** Makes the fleet report from `startMs` on; reporting times are spread evenly over the interval. */
export function createEngine(options: EngineOptions): Engine {
  const { fleet, truth } = options;
  const { devices } = fleet;
  const count: Counts = { reports: 0, published: 0, lost: 0, duplicates: 0, late: 0 };
  const onBegin = (begun: Parameters<typeof beginLine>[1]): void =>
    truth.write(beginLine(devices[begun.device]!, begun));
  const parts = createFleetParts({ ...options, devices, ...(truth.on && { onBegin }) });
  const rng = createRng(0);
  const composer = createComposer({ ...options, parts, rng });
  const transmitter = createTransmitter({ ...options, parts, composer, rng, count });
  const report = createReporter({ ...options, parts, composer, transmitter, rng, count });
  const turns = createTurns(options, (device, turn) => {
    rng.seek(parts.rngStates[device]!);
    const alive = report(device, turn);
    parts.rngStates[device] = rng.state();
    return alive;
  });
  if (truth.on) devices.forEach((_, device) => truth.write(deviceLine(parts, device)));
  return {
    count,
    nextMs: () => Math.min(turns.nextMs(), transmitter.nextMs()),
    advance(untilMs, put, most = Infinity) {
      transmitter.put = put;
      for (let done = 0; done < most; done++) {
        const [turnMs, laterMs] = [turns.nextMs(), transmitter.nextMs()];
        if (Math.min(turnMs, laterMs) > untilMs) return true;
        if (laterMs <= turnMs) transmitter.sendNext();
        else turns.takeNext(untilMs);
      }
      return false;
    },
    memory: () => Object.fromEntries(devices.map(({ id }, device) => [id, memoryOf(parts, device)])),
  };
}

/** Whose turn it is. */
interface Turns {
  nextMs(): number;
  takeNext(untilMs: number): void;
}

function createTurns(
  { fleet, mix, startMs, seed, catchUp = true }: EngineOptions,
  run: (device: number, turn: { atMs: number; sinceMs: number }) => boolean,
): Turns {
  const { devices } = fleet;
  const heap = createDueHeap(devices.length);
  const lastMs = new Float64Array(devices.length);
  const isFirst = new Uint8Array(devices.length).fill(1);
  const rng = createRng(seed);
  devices.forEach(({ intervalMs }, device) => {
    // the first reports come within half an interval, so that a start leaves no long gap; the second ones spread evenly
    const dueMs = startMs + (rng.next() / 2) * intervalMs;
    lastMs[device] = dueMs - intervalMs;
    heap.add(device, dueMs);
  });
  return {
    nextMs: () => (heap.first() < 0 ? Infinity : heap.dueMs(heap.first())),
    takeNext(untilMs) {
      const device = heap.first();
      const dueMs = heap.dueMs(device);
      const atMs = Math.floor(dueMs);
      const { intervalMs } = devices[device]!;
      if (!run(device, { atMs, sinceMs: atMs - lastMs[device]! })) return heap.dropFirst();
      lastMs[device] = atMs;
      const spreadMs = isFirst[device] === 1 ? rng.between(-0.5, 0.5) * intervalMs : 0;
      isFirst[device] = 0;
      const missed = catchUp ? 0 : Math.max(0, Math.floor((untilMs - dueMs) / intervalMs));
      heap.moveFirst(
        dueMs + (1 + missed) * intervalMs + jitterMs(rng, { intervalMs, factor: mix.jitter ?? 0 }) + spreadMs,
      );
    },
  };
}
