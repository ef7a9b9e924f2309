import { gauge, type Health, type Metrics } from '@ronde/kit';
import type { Inbox } from './port.ts';

/** Shows an inbox in metrics and health; calling it again for the same process changes nothing. */
export function observeInbox(inbox: Inbox, { metrics, health }: { metrics: Metrics; health: Health }): void {
  health.add('inbox', () => {
    const { fault } = inbox.stats();
    return fault === undefined ? { ok: true } : { ok: false, detail: fault };
  });
  const shown: [string, string, () => number][] = [
    ['inbox_head_seq', 'Seq of the newest durable frame', () => inbox.stats().head],
    ['inbox_frames', 'Frames kept', () => inbox.stats().frames],
    ['inbox_bytes', 'Bytes kept', () => inbox.stats().bytes],
    ['inbox_waiting_frames', 'Frames handed in and not yet durable', () => inbox.stats().waiting],
    ['inbox_commits', 'Group commits since the start', () => inbox.stats().commits],
    ['inbox_last_commit_ms', 'Duration of the last commit [ms]', () => inbox.stats().lastCommitMs],
    ['inbox_corrupt_frames', 'Frames skipped because their checksum did not fit', () => inbox.stats().corrupt],
    ['inbox_fault', '1 while nothing can be stored', () => (inbox.stats().fault === undefined ? 0 : 1)],
  ];
  for (const [name, help, read] of shown) {
    if (!metrics.getSingleMetric(`ronde_${name}`)) gauge(metrics, name, help, read);
  }
}
