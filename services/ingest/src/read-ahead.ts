import type { StoredFrame } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import type { Pipeline, ReadBatch } from './pipeline.ts';

/** Frames to handle next, with what they say where it was read before their turn. */
export interface Turn {
  frames: readonly StoredFrame[];
  read?: ReadBatch;
}

/** Reads the next batch, codecs and all, while the one before it is stored; holds at most one. */
export interface ReadAhead {
  /** Gives the frames after a position. @throws what the inbox throws */
  take(position: number): Promise<Turn>;
  /** Begins to read what comes after a position. */
  begin(position: number): void;
  /** Forgets what was read: what has changed until now holds for it. */
  drop(): void;
}

export function createReadAhead(parts: {
  inbox: Pick<Inbox, 'read' | 'stats'>;
  pipeline: Pick<Pipeline, 'read'>;
  batchFrames: number;
}): ReadAhead {
  const { inbox, pipeline, batchFrames } = parts;
  let ahead: { after: number; turn: Promise<Turn | undefined> } | undefined;

  async function readAfter(position: number): Promise<Turn> {
    const frames = await inbox.read(position, batchFrames);
    // frames of several tenants are handled tenant by tenant
    if (frames.length === 0 || frames.some(({ tenant }) => tenant !== frames[0]!.tenant)) return { frames };
    return { frames, read: await pipeline.read(frames) };
  }

  return {
    async take(position) {
      const begun = ahead;
      ahead = undefined;
      const turn = begun?.after === position ? await begun.turn : undefined;
      return turn && turn.frames.length > 0 ? turn : { frames: await inbox.read(position, batchFrames) };
    },
    begin(position) {
      if (ahead?.after === position || inbox.stats().head <= position) return;
      // what fails here is tried again in its turn, and waited for there
      ahead = { after: position, turn: readAfter(position).catch(() => undefined) };
    },
    drop: () => (ahead = undefined),
  };
}
