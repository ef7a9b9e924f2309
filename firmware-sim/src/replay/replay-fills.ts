import { setTimeout as sleep } from 'node:timers/promises';
import { uplinkTopic } from '@ronde/contracts';
import { DAY_MS, type SimLog } from '../clock.ts';
import { openWire, type Wire } from '../transports/wire.ts';
import type { FillRow } from './read-csv.ts';

export interface ReplayOptions {
  rows: FillRow[];
  mqttUrl: string;
  tenant: string;
  /** Secret by container id; container and device have the same id. */
  secrets: Record<string, string>;
  /** Series seconds per host second; Infinity = as fast as the broker acknowledges. */
  speed: number;
  log?: SimLog | undefined;
  signal?: AbortSignal | undefined;
}

export interface ReplaySummary {
  published: number;
  acked: number;
  devices: number;
  firstAt: string;
  lastAt: string;
  seconds: number;
}

const WEEK_MS = 7 * DAY_MS;
/** Unacknowledged messages per device: enough to keep the broker busy, few enough to keep order in its queues. */
const WINDOW = 64;

/** Moves a series by whole weeks, so that its newest row is at most a week old and not in the future: hours of the week stay. */
export function shiftToNow(rows: FillRow[], nowMs: number): FillRow[] {
  const newestMs = rows.reduce((newest, { atMs }) => Math.max(newest, atMs), -Infinity);
  const weeks = Math.floor((nowMs - newestMs) / WEEK_MS);
  return rows.map((row) => ({ ...row, atMs: row.atMs + weeks * WEEK_MS }));
}

/**
 * Replays fill series as plain devices with their own times and counters, each over its own connection, in order of time.
 * @throws Error when a device cannot sign in
 */
export async function replayFills(options: ReplayOptions): Promise<ReplaySummary> {
  const { rows, signal } = options;
  const startedMs = performance.now();
  const ids = [...new Set(rows.map(({ containerId }) => containerId))];
  const wires = new Map(ids.map((id) => [id, wireOf(id, options)]));
  let acked = 0;
  let published = 0;
  try {
    await Promise.all(
      [...wires].map(([id, wire]) =>
        wire.ready(15_000).catch((error: unknown) => {
          throw new Error(`device ${id} cannot connect: ${error instanceof Error ? error.message : String(error)}`, {
            cause: error,
          });
        }),
      ),
    );
    const windows = new Map(ids.map((id) => [id, new Set<Promise<void>>()]));
    const firstMs = rows[0]!.atMs;
    const next = new Map<string, number>();
    for (const row of rows) {
      if (signal?.aborted) break;
      const dueMs = startedMs + (row.atMs - firstMs) / options.speed;
      if (dueMs > performance.now())
        await sleep(dueMs - performance.now(), undefined, { signal }).catch(() => undefined);
      const open = windows.get(row.containerId)!;
      if (open.size >= WINDOW) await Promise.race(open);
      const seq = next.get(row.containerId) ?? 0;
      next.set(row.containerId, seq + 1);
      const sent = put(wires.get(row.containerId)!, { row, seq, tenant: options.tenant }).then((ok) => {
        acked += ok ? 1 : 0;
        open.delete(sent);
      });
      published += 1;
      open.add(sent);
    }
    await Promise.all([...windows.values()].flatMap((open) => [...open]));
  } finally {
    await Promise.all([...wires.values()].map((wire) => wire.close()));
  }
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  return {
    published,
    acked,
    devices: ids.length,
    firstAt: iso(rows[0]!.atMs),
    lastAt: iso(rows.at(-1)!.atMs),
    seconds,
  };
}

function wireOf(id: string, { mqttUrl: url, secrets, log }: ReplayOptions): Wire {
  return openWire({ url, clientId: id, username: id, password: secrets[id] ?? '', log });
}

function put(wire: Wire, { row, seq, tenant }: { row: FillRow; seq: number; tenant: string }): Promise<boolean> {
  const body = { at: iso(row.atMs), seq, fill: Number(row.fill.toFixed(4)) };
  return wire.publish(uplinkTopic(tenant, row.containerId), JSON.stringify(body));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
