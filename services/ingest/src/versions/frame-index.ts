import type { StoredFrame, UplinkHeard } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import { createBreath } from '@ronde/kit';
import type { Identified } from '../steps/item.ts';

/** The newest uplinks of a type, and how they were found. */
export interface FoundFrames {
  items: Identified[];
  scanned: number;
  shortBecause: 'inbox-end' | 'search-limit' | null;
}

/** Knows where the newest frames of each sensor type lie in the inbox. */
export interface FrameIndex {
  /** Notes uplinks as they are handled. */
  note(heard: readonly UplinkHeard[]): void;
  /** Gives the newest uplinks of a type, oldest first; what it does not know yet it looks for backwards. */
  newest(tenant: string, typeId: string, options: SearchOptions): Promise<FoundFrames>;
}

export interface SearchOptions {
  wanted: number;
  onProgress?: (found: number, scanned: number) => void;
}

export interface FrameIndexParts {
  inbox: Pick<Inbox, 'read' | 'stats'>;
  identify: (frames: readonly StoredFrame[]) => Promise<Identified[]>;
}

const KEPT = 1_000;
const PAGE = 250;
/** A search ends after this many frames: some seconds of work in slices, weeks of a city's traffic of a rare type. */
const MAX_SCANNED = 200_000;

/**
 * Creates the index. It is kept in memory and filled from both ends: by the uplinks that are handled from now on, and,
 * where those do not suffice, by reading the inbox backwards from where the knowledge begins. What a search passes by is
 * noted for all types, so that the next one starts where it ended.
 */
export function createFrameIndex({ inbox, identify }: FrameIndexParts): FrameIndex {
  /** Places in the inbox by type, ascending; every frame of the type from `knownFrom` on, as long as there is room. */
  const places = new Map<string, number[]>();
  const breathe = createBreath();
  let knownFrom: number | undefined;
  let searching: Promise<unknown> = Promise.resolve();
  const placesOf = (typeId: string): number[] => {
    const known = places.get(typeId) ?? [];
    places.set(typeId, known);
    return known;
  };

  /** Reads one page further back; gives how many places it covered, 0 at the end of the inbox. */
  async function stepBack(): Promise<number> {
    const to = (knownFrom ?? inbox.stats().head + 1) - 1;
    const from = Math.max(inbox.stats().tail, to - PAGE + 1);
    if (to < from || to < 1) return 0;
    const found = await identify(await readRange(inbox, from, to));
    for (const { frame, device } of found.reverse()) {
      const known = placesOf(device.typeId);
      if (known.length < KEPT && known[0] !== frame.seq) known.unshift(frame.seq);
    }
    knownFrom = from;
    return to - from + 1;
  }

  async function newest(tenant: string, typeId: string, { wanted, onProgress }: SearchOptions): Promise<FoundFrames> {
    let scanned = 0;
    let shortBecause: FoundFrames['shortBecause'] = null;
    while (placesOf(typeId).length < wanted) {
      if (scanned >= MAX_SCANNED) {
        shortBecause = 'search-limit';
        break;
      }
      const step = await stepBack();
      scanned += step;
      onProgress?.(placesOf(typeId).length, scanned);
      if (step === 0) {
        shortBecause = 'inbox-end';
        break;
      }
      await breathe();
    }
    const items = await framesAt(placesOf(typeId).slice(-wanted));
    return {
      items: items.filter((item) => item.frame.tenant === tenant && item.device.typeId === typeId),
      scanned,
      shortBecause,
    };
  }

  async function framesAt(seqs: readonly number[]): Promise<Identified[]> {
    const items: Identified[] = [];
    for (let i = 0; i < seqs.length;) {
      const page = await inbox.read(seqs[i]! - 1, PAGE);
      const end = page.at(-1)?.seq ?? Infinity;
      const wanted = new Set<number>();
      for (; i < seqs.length && seqs[i]! <= end; i += 1) wanted.add(seqs[i]!);
      items.push(...(await identify(page.filter(({ seq }) => wanted.has(seq)))));
      await breathe();
    }
    return items;
  }

  return {
    note(heard) {
      for (const { typeId, uplinkId } of heard) {
        const seq = Number.parseInt(uplinkId, 10);
        knownFrom ??= seq;
        const known = placesOf(typeId);
        if (seq <= (known.at(-1) ?? 0)) continue;
        known.push(seq);
        if (known.length > KEPT) known.shift();
      }
    },
    newest(tenant, typeId, options) {
      // one search at a time: two would read the same pages
      const mine = searching.then(() => newest(tenant, typeId, options));
      searching = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** Reads whole ranges: one answer of the inbox may hold fewer frames than asked for. */
async function readRange(inbox: Pick<Inbox, 'read'>, from: number, to: number): Promise<StoredFrame[]> {
  const frames: StoredFrame[] = [];
  for (let after = from - 1; after < to;) {
    const page = (await inbox.read(after, to - after)).filter(({ seq }) => seq <= to);
    if (page.length === 0) break;
    frames.push(...page);
    after = page.at(-1)!.seq;
  }
  return frames;
}
