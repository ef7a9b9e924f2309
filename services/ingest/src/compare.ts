import type { Reading } from '@ronde/contracts';
import type { ReadingsStore } from '@ronde/readings';
import type { Prepared } from './pipeline.ts';
import type { SpanResult } from './span-result.ts';

const MAX_DIFFERENCES = 100;
const PAGE = 1_000;
const TOLERANCE = 1e-9;

/** Counts which readings of a prepared batch the store lacks, has otherwise, or has alike. */
export async function compareWithStore(
  prepared: Prepared,
  readings: Pick<ReadingsStore, 'series'>,
  result: SpanResult,
): Promise<void> {
  const byDevice = Map.groupBy(
    prepared.finished.flatMap((item) => item.readings),
    ({ deviceId }) => deviceId,
  );
  for (const [deviceId, fresh] of byDevice) {
    const stored = await storedOf(prepared.tenant, deviceId, fresh, readings);
    for (const reading of fresh) note(reading, stored.get(identityOf(reading)), result);
  }
}

function note(now: Reading, was: Reading | undefined, result: SpanResult): void {
  const same = was !== undefined && isSame(was, now);
  if (same) result.same += 1;
  else if (was) result.changed += 1;
  else result.new += 1;
  if (same || result.differences.length >= MAX_DIFFERENCES) return;
  const { deviceId, at, quantity, chamber, value } = now;
  result.differences.push({
    deviceId,
    at,
    quantity,
    ...(chamber !== undefined && { chamber }),
    ...(was && { was: was.value }),
    now: value,
  });
}

function isSame(was: Reading, now: Reading): boolean {
  if (was.value === null || now.value === null) return was.value === now.value;
  return Math.abs(was.value - now.value) <= TOLERANCE * Math.max(1, Math.abs(was.value)) && was.quality === now.quality;
}

async function storedOf(
  tenant: string,
  deviceId: string,
  fresh: readonly Reading[],
  readings: Pick<ReadingsStore, 'series'>,
): Promise<Map<string, Reading>> {
  const times = fresh.map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  const query = { tenant, deviceId, fromMs: times[0]!, toMs: times.at(-1)! + 1, limit: PAGE };
  const found = new Map<string, Reading>();
  for (let page = await readings.series(query); ; page = await readings.series({ ...query, after: page.next })) {
    for (const reading of page.items) found.set(identityOf(reading), reading);
    if (page.next === undefined) return found;
  }
}

function identityOf({ chamber = '', quantity, at }: Reading): string {
  return `${chamber}|${quantity}|${Date.parse(at)}`;
}
