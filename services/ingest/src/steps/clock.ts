import type { ReadingsStore } from '@ronde/readings';

export const EARLIEST_MS = Date.UTC(2000, 0, 1);
export const AHEAD_MS = 600_000;

/** Tells whether a time that a device or network claims can be true. */
export function isPlausible(atMs: number, receivedAtMs: number): boolean {
  return atMs >= EARLIEST_MS && atMs <= receivedAtMs + AHEAD_MS;
}

/** Gives uplinks without a time of their own the receive time, moved forward by 1 ms until unique for the device. */
export interface Timekeeper {
  /** Loads what the store holds of a device from `receivedAtMs` on, when memory does not know; before `take`. */
  prepare(tenant: string, deviceId: string, receivedAtMs: number): Promise<void>;
  take(deviceId: string, receivedAtMs: number): number;
  /** Notes a time that a device gave itself. */
  note(deviceId: string, atMs: number): void;
}

interface Taken {
  at: Set<number>;
  /** Every time from here on that is taken stands in `at`. */
  coveredFromMs: number;
  lastReceivedMs: number;
  lastTakenMs: number;
  /** So many times are looked through anew: twice what stayed the last time, or a long run would be looked through at each uplink. */
  trimAt: number;
}

/** Times that may be taken: every `strideMs`, beginning with `offsetMs`. */
export interface Lattice {
  strideMs: number;
  offsetMs: number;
}
const EVERY_MS: Lattice = { strideMs: 1, offsetMs: 0 };
/** As many workers may give times side by side; a reading without a time of its own moves by less than this. */
const WORKERS = 16;

/** Gives the times that one of several workers may take. */
export function latticeOf(workerNumber: number): Lattice {
  return { strideMs: WORKERS, offsetMs: workerNumber % WORKERS };
}

const MAX_DEVICES = 50_000;
const MAX_TIMES = 256;
const SWEEP_MARGIN_MS = 60_000;
const PAGE = 1_000;
// Times ahead of receipt: 10 minutes by a device's own clock, or a run of uplinks within few milliseconds.
const LOOK_AHEAD_MS = 3_600_000;

/**
 * Creates the timekeeper.
 * @param newestAtMs newest measurement time in the store at the start: nothing later is taken yet
 * @param lattice which times may be taken at all: those of several workers must never meet
 */
export function createTimekeeper(
  store: Pick<ReadingsStore, 'series'>,
  newestAtMs: number | null,
  { strideMs, offsetMs }: Lattice = EVERY_MS,
): Timekeeper {
  const onLattice = (atMs: number): number => atMs + ((((offsetMs - atMs) % strideMs) + strideMs) % strideMs);
  const devices = new Map<string, Taken>();
  let horizonMs = newestAtMs === null ? -Infinity : newestAtMs + 1;
  const stateOf = (deviceId: string): Taken => {
    const known = devices.get(deviceId);
    if (known) return known;
    const fresh: Taken = {
      at: new Set(),
      coveredFromMs: horizonMs,
      lastReceivedMs: -Infinity,
      lastTakenMs: -Infinity,
      trimAt: MAX_TIMES,
    };
    devices.set(deviceId, fresh);
    return fresh;
  };
  const sweep = (nowMs: number): void => {
    horizonMs = Math.max(horizonMs, nowMs - SWEEP_MARGIN_MS);
    for (const [id, { lastTakenMs, at }] of devices) {
      if (lastTakenMs < horizonMs && ![...at].some((atMs) => atMs >= horizonMs)) devices.delete(id);
    }
  };
  return {
    async prepare(tenant, deviceId, receivedAtMs) {
      const state = stateOf(deviceId);
      if (receivedAtMs >= state.coveredFromMs) return;
      for await (const atMs of storedTimes(store, { tenant, deviceId, fromMs: receivedAtMs })) state.at.add(atMs);
      state.coveredFromMs = receivedAtMs;
    },
    take(deviceId, receivedAtMs) {
      const state = stateOf(deviceId);
      // in order, the taken times from receivedAtMs to lastTakenMs have no gap: go on behind them at once
      const inRun = receivedAtMs >= state.lastReceivedMs && receivedAtMs <= state.lastTakenMs;
      let atMs = inRun ? state.lastTakenMs + strideMs : onLattice(receivedAtMs);
      while (state.at.has(atMs)) atMs += strideMs;
      state.at.add(atMs);
      state.lastReceivedMs = receivedAtMs;
      state.lastTakenMs = atMs;
      if (state.at.size > state.trimAt) trim(state, receivedAtMs);
      if (devices.size > MAX_DEVICES) sweep(receivedAtMs);
      return atMs;
    },
    note(deviceId, atMs) {
      const state = stateOf(deviceId);
      if (atMs >= state.coveredFromMs) state.at.add(atMs);
      if (state.at.size > 2 * state.trimAt)
        trim(state, Math.max(state.lastReceivedMs, [...state.at].sort((a, b) => a - b).at(-MAX_TIMES)!));
    },
  };
}

function trim(state: Taken, fromMs: number): void {
  state.coveredFromMs = Math.max(state.coveredFromMs, fromMs);
  for (const atMs of state.at) if (atMs < fromMs) state.at.delete(atMs);
  state.trimAt = Math.max(MAX_TIMES, 2 * state.at.size);
}

async function* storedTimes(
  store: Pick<ReadingsStore, 'series'>,
  { tenant, deviceId, fromMs }: { tenant: string; deviceId: string; fromMs: number },
): AsyncGenerator<number> {
  const query = { tenant, deviceId, fromMs, toMs: fromMs + LOOK_AHEAD_MS, limit: PAGE };
  for (let page = await store.series(query); ; page = await store.series({ ...query, after: page.next })) {
    for (const { at } of page.items) yield Date.parse(at);
    if (page.next === undefined) return;
  }
}
