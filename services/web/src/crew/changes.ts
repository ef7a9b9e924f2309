import type { Round, RoundChange, Stop } from '@ronde/contracts';
import { isEnded } from './overlay.ts';

export type ChangeKind = 'added' | 'removed' | 'moved';

/** What changed in a round since the crew last looked; it stays until it is seen. */
export interface Unseen {
  roundId: string;
  /** Per stop what happened to it. */
  kinds: Record<string, ChangeKind>;
  /** Stops that are no longer in the round, as they were. */
  dropped: Stop[];
  /** Expected end at the last look. */
  endedAt: string;
  /** What the server said of them last; absent in what older versions of this screen kept. */
  told?: Record<string, RoundChange>;
}

/** Adds what a new version changed to what was not yet seen; undefined when there is nothing to tell. */
export function addChanges(
  unseen: Unseen | undefined,
  before: Round,
  after: Round,
  told: readonly RoundChange[] = [],
): Unseen | undefined {
  const kept = unseen?.roundId === after.id ? unseen : undefined;
  const kinds: Record<string, ChangeKind> = { ...kept?.kinds };
  const old = new Map(before.stops.map((stop) => [stop.id, stop]));
  const now = new Set(after.stops.map(({ id }) => id));
  for (const { id } of after.stops) {
    if (old.has(id)) continue;
    // dropped and back again before anybody looked: nothing happened to it
    if (kinds[id] === 'removed') delete kinds[id];
    else kinds[id] = 'added';
  }
  const gone = before.stops.filter((stop) => !now.has(stop.id) && !isEnded(stop));
  for (const { id } of gone) {
    if (kinds[id] === 'added') delete kinds[id];
    else kinds[id] = 'removed';
  }
  for (const { kind, stopId } of told) {
    if (kind === 'moved' && old.has(stopId) && now.has(stopId)) kinds[stopId] ??= 'moved';
  }
  if (Object.keys(kinds).length === 0) return undefined;
  const dropped = [...(kept?.dropped ?? []), ...gone].filter(({ id }) => kinds[id] === 'removed');
  const said = Object.fromEntries(told.filter(({ kind }) => kind !== 'retimed').map((one) => [one.stopId, one]));
  return {
    roundId: after.id,
    kinds,
    dropped,
    endedAt: kept?.endedAt ?? before.endsAt,
    told: { ...kept?.told, ...said },
  };
}

/** How many stops came, went and moved. */
export function countChanges({ kinds }: Unseen): Record<ChangeKind, number> {
  const all = Object.values(kinds);
  const count = (kind: ChangeKind): number => all.filter((one) => one === kind).length;
  return { added: count('added'), removed: count('removed'), moved: count('moved') };
}
