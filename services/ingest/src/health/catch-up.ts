import type { Inbox } from '@ronde/inbox';
import type { Pipeline } from '../pipeline.ts';
import { SAVE_EVERY_MS, type HealthTracker } from './tracker.ts';

const PAGE = 500;
/** A memory is at most this old when the process dies, unless more devices wait to be saved than a sweep takes. */
const LOOK_BACK_MS = 2 * SAVE_EVERY_MS;

/** Lets the tracker hear again what was handled after its memories were last saved: counters would show false gaps. */
export async function catchUp(parts: {
  inbox: Pick<Inbox, 'readSpan'>;
  pipeline: Pick<Pipeline, 'hear'>;
  tracker: Pick<HealthTracker, 'hear'>;
  nowMs: number;
  /** The last frame handled; those behind it come by themselves. */
  untilSeq: number;
}): Promise<void> {
  const { inbox, pipeline, tracker, nowMs, untilSeq } = parts;
  const span = { fromMs: nowMs - LOOK_BACK_MS, toMs: nowMs + 1, limit: PAGE };
  for (let after = 0; after < untilSeq;) {
    const page = await inbox.readSpan({ ...span, after });
    const handled = page.filter(({ seq }) => seq <= untilSeq);
    for (const tenant of new Set(handled.map((frame) => frame.tenant)))
      await tracker.hear(tenant, await pipeline.hear(handled.filter((frame) => frame.tenant === tenant)));
    if (page.length < PAGE) return;
    after = page.at(-1)!.seq;
  }
}
