import type { DeadLetter, DiffCounts, Reading, Replay } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import type { CorrectionBatch } from '@ronde/readings';
import type { Registry } from '@ronde/registry';
import { deadLetterId } from '../steps/ledger.ts';
import type { RunControl } from './compare-run.ts';
import { walk, type Stretch, type WalkParts } from './walk.ts';

export interface ApplyParts extends WalkParts {
  registry: Pick<Registry, 'deadLetters'>;
  bus: Pick<Bus, 'publish'>;
}

/** Names a replay's place in the inbox. */
export function cursorOf({ id }: Pick<Replay, 'id'>): string {
  return `replay:${id}`;
}

/**
 * Reads the frames of a replay again and puts what they give now in the place of what is stored. Each stretch is one
 * transaction with the replay's place in the inbox: after a crash it goes on there, and doing a stretch twice changes
 * nothing. Gives what was written by this run.
 */
export async function applyReplay(
  replay: Replay,
  parts: ApplyParts,
  control: RunControl & { onCounts: (counts: DiffCounts) => void },
): Promise<DiffCounts> {
  const { readings, tenant, retry } = parts;
  const counts: DiffCounts = { same: 0, added: 0, changed: 0, removed: 0 };
  const name = cursorOf(replay);
  const after = await readings.cursor(name);
  for await (const stretch of walk(replay, parts, { after, signal: control.signal })) {
    const batch = toCorrection(stretch, tenant);
    // first the letters, then the place: what is done twice does no harm, what is passed over would stay open
    await retry.run(() => closeLetters(stretch, parts));
    const written = await retry.run(() => readings.correct({ ...batch, cursor: { name, seq: stretch.lastSeq } }));
    const { outcomes, removed } = written;
    for (const outcome of outcomes) counts[outcome] += 1;
    counts.removed += removed.filter(Boolean).length;
    counts.same += stretch.uplinks.reduce((sum, uplink) => sum + sameOf(uplink), 0);
    await announce(batch, written, parts);
    control.onCounts({ ...counts });
    control.onStretch(stretch);
  }
  return counts;
}

function sameOf({ after, changes }: Stretch['uplinks'][number]): number {
  return after.length - changes.filter(({ now }) => now !== null).length;
}

type Batch = CorrectionBatch & { gone: Reading[] };

function toCorrection({ uplinks }: Stretch, tenant: string): Batch {
  const changes = uplinks.flatMap((uplink) => uplink.changes);
  const gone = changes.flatMap(({ was, now }) => (now === null ? [was!] : []));
  return {
    tenant,
    readings: changes.flatMap(({ now }) => now ?? []),
    gone,
    remove: gone.map(({ deviceId, chamber, quantity, at, uplinkId }) => {
      return { deviceId, quantity, at, uplinkId, ...(chamber !== undefined && { chamber }) };
    }),
  };
}

/** Letters of frames that nothing could be read of before, and that are readings now, are done with. */
async function closeLetters({ uplinks }: Stretch, { registry, tenant }: ApplyParts): Promise<void> {
  const closed: DeadLetter[] = [];
  for (const { item, before, after } of uplinks) {
    if (before.length > 0 || after.length === 0) continue;
    const letter = await registry.deadLetters.get(tenant, deadLetterId(item.frame));
    if (letter?.status === 'open') closed.push({ ...letter, status: 'replayed' });
  }
  if (closed.length > 0) await registry.deadLetters.putAll(tenant, closed);
}

async function announce(
  { readings, gone }: Batch,
  { outcomes, removed }: { outcomes: readonly string[]; removed: readonly boolean[] },
  { bus, tenant }: ApplyParts,
): Promise<void> {
  const added = readings.filter((_, index) => outcomes[index] === 'added').sort(byTime);
  const changed = readings.flatMap((reading, index): Reading[] =>
    outcomes[index] === 'changed' ? [{ ...reading, flags: [...reading.flags, 'CORRECTED'] }] : [],
  );
  const taken = gone.flatMap(({ deviceId, chamber, quantity, at, assetId }, index) =>
    removed[index] ? [{ deviceId, quantity, at, assetId, ...(chamber !== undefined && { chamber }) }] : [],
  );
  if (added.length > 0) await bus.publish('readings.accepted', { tenant, readings: added });
  if (changed.length + taken.length > 0) await bus.publish('readings.corrected', { tenant, changed, removed: taken });
}

function byTime(a: Reading, b: Reading): number {
  return a.at < b.at ? -1 : a.at > b.at ? 1 : 0;
}
