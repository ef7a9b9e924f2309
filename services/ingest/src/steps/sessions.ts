import { z } from 'zod';
import type { StoredFrame } from '@ronde/contracts';
import type { Recall } from '../sources/parsed.ts';
import type { Identified, Told } from './item.ts';
import type { Recollection } from './memory.ts';

const Joins = z.array(z.object({ session: z.string(), atMs: z.number(), receivedAtMs: z.number(), seq: z.number() }));
type Join = z.infer<typeof Joins>[number];

// counters begin anew with a join: more than the last few are of no use to frames read again
const MAX_JOINS = 4;

const joinsKey = (deviceId: string): string => `joins:${deviceId}`;

/**
 * Remembers the joins that networks tell of, and says of each uplink in which life of its counters it was sent. Joins come
 * first, wherever in the batch they stand: each says from when on it holds.
 */
export async function placeInSessions(
  uplinks: readonly Identified[],
  told: readonly Told[],
  recollection: Recollection,
): Promise<Identified[]> {
  const ids = new Set([...uplinks, ...told].map(({ device }) => device.id));
  await recollection.load([...ids].map(joinsKey));
  rememberJoins(told, recollection);
  return uplinks.map((item) => {
    const epoch = epochOf(item, recollection);
    return epoch === '' ? item : { ...item, epoch };
  });
}

function joinsOf(recall: Recall, deviceId: string): Join[] {
  const kept = recall.get(joinsKey(deviceId));
  if (kept === undefined) return [];
  const read = Joins.safeParse(kept);
  return read.success ? read.data : [];
}

/** The same join told twice is one. */
function rememberJoins(told: readonly Told[], recall: Recall): void {
  for (const { event, frame, device } of told) {
    if (event.kind !== 'join') continue;
    const { receivedAtMs, seq } = frame;
    const join: Join = { session: event.session, atMs: event.atMs ?? receivedAtMs, receivedAtMs, seq };
    const earlier = joinsOf(recall, device.id);
    if (earlier.some(({ session, atMs }) => session === join.session && atMs === join.atMs)) continue;
    const joins = [...earlier, join].sort((a, b) => a.receivedAtMs - b.receivedAtMs || a.seq - b.seq);
    recall.set(joinsKey(device.id), joins.slice(-MAX_JOINS));
  }
}

/**
 * Empty where the session that an uplink carries tells its life by itself: a join that begins a new session changes
 * nothing. It does for a network that gives no session, for the same session once more, and when the network tells that
 * counters begin anew without saying in which session.
 */
function epochOf({ uplink: { session }, device, frame }: Identified, recall: Recall): string {
  const joins = joinsOf(recall, device.id);
  if (joins.length === 0) return '';
  const before = joins.filter((join) => !isAfter(join, frame));
  const last = before.findLast(
    (join, index) =>
      session === '' ||
      join.session === '' ||
      (join.session === session && before.findIndex((one) => one.session === session) < index),
  );
  return last ? `@${last.atMs}` : '';
}

function isAfter(join: Join, frame: StoredFrame): boolean {
  return join.receivedAtMs > frame.receivedAtMs || (join.receivedAtMs === frame.receivedAtMs && join.seq > frame.seq);
}
