import type { Reading } from '@ronde/contracts';
import type { ReadingsStore } from '@ronde/readings';
import type { Times } from '../pipeline.ts';
import type { Identified, Valued } from '../steps/item.ts';

/** What the store holds of some uplinks and around them. */
export interface StoredReadings extends Times {
  /** Readings that an uplink gave when it was handled first. */
  ofUplink(item: Pick<Identified, 'uplinkId' | 'frame' | 'device'>): readonly Reading[];
  /** The reading that stands under the identity of another. */
  at(reading: Reading): Reading | undefined;
}

const PAGE = 5_000;
/** Uplinks nearer than this are read in one query. */
const JOIN_MS = 3_600_000;
/** Uplinks that came within one run of receive times lie at most this far behind their receipt. */
const RUN_MS = 60_000;

/** Reads what the store holds of uplinks that are read again: one query per device and stretch of time. */
export async function readStored(
  readings: Pick<ReadingsStore, 'series'>,
  tenant: string,
  items: readonly Valued[],
): Promise<StoredReadings> {
  const byIdentity = new Map<string, Reading>();
  const byUplink = new Map<string, Reading[]>();
  const taken = new Map<string, Set<number>>();
  const readDevice = async (deviceId: string, own: readonly Valued[]): Promise<void> => {
    const times = new Set<number>();
    taken.set(deviceId, times);
    for (const span of spansOf(own)) {
      for await (const reading of pages(readings, { tenant, deviceId, ...span })) {
        byIdentity.set(identityOf(reading), reading);
        times.add(Date.parse(reading.at));
        const key = uplinkKey(deviceId, reading.uplinkId, Date.parse(reading.receivedAt));
        const known = byUplink.get(key);
        if (known) known.push(reading);
        else byUplink.set(key, [reading]);
      }
    }
  };
  // side by side: the store answers one after the other, and no answer waits for the next question
  const devices = Map.groupBy(items, ({ device }) => device.id);
  await Promise.all([...devices].map(([deviceId, own]) => readDevice(deviceId, own)));
  const ofUplink: StoredReadings['ofUplink'] = ({ device, uplinkId, frame }) =>
    byUplink.get(uplinkKey(device.id, uplinkId, frame.receivedAtMs)) ?? [];
  return {
    ofUplink,
    at: (reading) => byIdentity.get(identityOf(reading)),
    fixed: new Map(items.flatMap((item) => firstTime(item, ofUplink(item)))),
    keeper: {
      prepare: async () => undefined,
      note: (deviceId, atMs) => void taken.get(deviceId)?.add(atMs),
      take(deviceId, receivedAtMs) {
        const times = taken.get(deviceId) ?? new Set();
        let atMs = receivedAtMs;
        while (times.has(atMs)) atMs += 1;
        times.add(atMs);
        return atMs;
      },
    },
  };
}

/** Names what identifies a reading within a tenant. */
export function identityOf({ deviceId, chamber = '', quantity, at }: Reading): string {
  return `${deviceId}|${chamber}|${quantity}|${Date.parse(at)}`;
}

// an inbox begun anew counts from one again: the time of receipt tells its frames from earlier ones
function uplinkKey(deviceId: string, uplinkId: string, receivedAtMs: number): string {
  return `${deviceId}|${uplinkId}|${receivedAtMs}`;
}

/** Under which time an uplink was stored that had none of its own. */
function firstTime({ uplinkId, frame }: Valued, stored: readonly Reading[]): [string, number][] {
  const times = stored
    .map(({ at }) => Date.parse(at))
    .filter((atMs) => atMs >= frame.receivedAtMs && atMs <= frame.receivedAtMs + RUN_MS);
  return times.length === 0 ? [] : [[uplinkId, Math.min(...times)]];
}

function spansOf(items: readonly Valued[]): { fromMs: number; toMs: number }[] {
  const spans = items
    .map(({ uplink, frame, values }) => {
      const claimed = [uplink.atMs, ...values.map(({ atMs }) => atMs ?? null)].filter((atMs) => atMs !== null);
      const times = [frame.receivedAtMs, ...claimed];
      return { fromMs: Math.min(...times), toMs: Math.max(...times) + RUN_MS };
    })
    .sort((a, b) => a.fromMs - b.fromMs);
  const joined: { fromMs: number; toMs: number }[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last && span.fromMs <= last.toMs + JOIN_MS) last.toMs = Math.max(last.toMs, span.toMs);
    else joined.push(span);
  }
  return joined;
}

async function* pages(
  readings: Pick<ReadingsStore, 'series'>,
  query: { tenant: string; deviceId: string; fromMs: number; toMs: number },
): AsyncGenerator<Reading> {
  let after: string | undefined;
  do {
    const page = await readings.series({ ...query, limit: PAGE, ...(after !== undefined && { after }) });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
