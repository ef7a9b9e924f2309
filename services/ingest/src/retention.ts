import type { Inbox } from '@ronde/inbox';
import type { Cancel, Clock, Logger } from '@ronde/kit';

const PERIOD_MS = 3_600_000;
const DAY_MS = 86_400_000;
const BYTES_PER_GB = 1e9;
// After a power cut the sink may step back to its last checkpoint: what it read lately must still be there.
const KEPT_BEHIND = 10_000;

export interface RetentionOptions {
  inbox: Pick<Inbox, 'prune'>;
  clock: Clock;
  log: Logger;
  days: number;
  maxGb: number;
  position: () => number;
}

/** Drops raw frames past their age or the size limit once an hour, never what is not yet read. */
export function startRetention(options: RetentionOptions): Cancel {
  const { inbox, clock, log } = options;
  let busy = false;
  const prune = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const dropped = await inbox.prune({
        beforeMs: clock.nowMs() - options.days * DAY_MS,
        maxBytes: options.maxGb * BYTES_PER_GB,
        keepFromSeq: Math.max(1, options.position() + 1 - KEPT_BEHIND),
      });
      if (dropped > 0) log.info({ frames: dropped }, 'ingest.inbox.prune');
    } catch (error) {
      log.warn({ err: error }, 'ingest.inbox.prune-refuse');
    } finally {
      busy = false;
    }
  };
  return clock.every(PERIOD_MS, () => void prune());
}
