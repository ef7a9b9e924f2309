import type { Round, RoundChange } from '@ronde/contracts';

/** One push to tablets. */
export interface CrewLogEntry {
  offset: number;
  round: Round;
  changes: RoundChange[];
}

/** The last pushes, so that a tablet that was away for a while catches up without a snapshot. */
export interface CrewLog {
  readonly offset: number;
  add(round: Round, changes: RoundChange[]): CrewLogEntry;
  /**
   * Gives what a tablet missed: the newest state of each round with all its changes, in order.
   * @returns undefined when that is no longer known
   */
  since(offset: number, sees: (round: Round) => boolean): CrewLogEntry[] | undefined;
}

/** Gives an empty log that keeps the last `length` pushes. */
export function createCrewLog(length: number): CrewLog {
  const entries: CrewLogEntry[] = [];
  let offset = 0;
  return {
    get offset() {
      return offset;
    },
    add(round, changes) {
      const entry = { offset: ++offset, round, changes };
      entries.push(entry);
      if (entries.length > length) entries.shift();
      return entry;
    },
    since(from, sees) {
      const oldest = entries[0]?.offset ?? offset + 1;
      if (from > offset || from < oldest - 1) return undefined;
      const newest = new Map<string, CrewLogEntry>();
      for (const entry of entries) {
        if (entry.offset <= from || !sees(entry.round)) continue;
        const before = newest.get(entry.round.id)?.changes ?? [];
        newest.set(entry.round.id, { ...entry, changes: [...before, ...entry.changes] });
      }
      return [...newest.values()].sort((a, b) => a.offset - b.offset);
    },
  };
}
