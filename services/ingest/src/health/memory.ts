import type { Quality, Reading, UplinkGap } from '@ronde/contracts';
import { emptyLoss } from '@ronde/device-health';
import type { CadenceMemory, CounterTrack, LastingJump, LossMemory, SameRun } from '@ronde/device-health';

/** What is remembered of a device between its uplinks: plain data of a few hundred numbers, kept in the registry. */
export interface DeviceMemory {
  id: string;
  firstSeenMs: number;
  lastSeenMs: number;
  /** Time of sending of the newest uplink. */
  lastSentMs: number;
  /** The frame last learned from: after a crash those behind it are heard again. */
  lastUplinkId: string;
  cadence: CadenceMemory;
  losses: LossMemory;
  counter?: CounterTrack | undefined;
  joined: boolean;
  /** Uplinks received, missing by counter and fetched later, since the memory began. */
  received: number;
  missed: number;
  recovered: number;
  resets: number;
  gaps: UplinkGap[];
  /** Received and missed of the last seven days, by day number modulo 7. */
  week: { day: number; received: number; missed: number }[];
  rssi: number | null;
  snr: number | null;
  spreadingFactor: number | null;
  payloadBytes: number;
  /** Whether the last uplinks could be read, newest last. */
  readable: boolean[];
  clockFaults: number;
  battery: { charge: number; atMs: number; basis: 'device' | 'network' } | null;
  /** Newest voltage of the cell, and whether the device itself calls it low. */
  voltage: number | null;
  isBatteryLow: boolean;
  /** Level of the first chamber, newest last. */
  levels: { atMs: number; level: number }[];
  distances: { atMs: number; distanceM: number }[];
  temperatures: { atMs: number; celsius: number }[];
  same?: SameRun | undefined;
  jumps: LastingJump[];
  /** When the level fell and stayed low, newest last. */
  drops: number[];
  /** Usual rise by hour of the day (UTC): level gained and hours watched. */
  rises: { gained: number; hours: number }[];
  tilted: { sinceMs: number; count: number } | null;
}

const LEVELS_KEPT = 16;
const TEMPERATURES_KEPT = 8;
const DROPS_KEPT = 30;

export function newMemory(id: string, atMs: number): DeviceMemory {
  return {
    id,
    firstSeenMs: atMs,
    lastSeenMs: atMs,
    lastSentMs: atMs,
    lastUplinkId: '',
    cadence: { gapsMs: [] },
    losses: emptyLoss(),
    joined: false,
    received: 0,
    missed: 0,
    recovered: 0,
    resets: 0,
    gaps: [],
    week: [],
    rssi: null,
    snr: null,
    spreadingFactor: null,
    payloadBytes: 12,
    readable: [],
    clockFaults: 0,
    battery: null,
    voltage: null,
    isBatteryLow: false,
    levels: [],
    distances: [],
    temperatures: [],
    jumps: [],
    drops: [],
    rises: Array.from({ length: 24 }, () => ({ gained: 0, hours: 0 })),
    tilted: null,
  };
}

/** Appends by time and keeps the newest; one that is older than the last is left out. */
export function keepNewest<P extends { atMs: number }>(points: P[], point: P, most: number): boolean {
  const last = points.at(-1);
  if (last && point.atMs <= last.atMs) return false;
  points.push(point);
  if (points.length > most) points.shift();
  return true;
}

export const KEEP = { levels: LEVELS_KEPT, temperatures: TEMPERATURES_KEPT, drops: DROPS_KEPT } as const;

/** Tells whether a value may teach anything: what a sensor marked invalid or suspect says nothing of its bin. */
export function isTrusted({ quality, value }: { quality: Quality; value: Reading['value'] }): boolean {
  return value !== null && (quality === 'ok' || quality === 'censored');
}
