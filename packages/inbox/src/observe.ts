import { gauge, histogram, type Health, type Metrics } from '@ronde/kit';
import type { Inbox } from './port.ts';
import type { Shipping } from './shipping/open-shipping.ts';

const COMMIT_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

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
  if (!metrics.getSingleMetric('ronde_inbox_commit_seconds')) {
    const commits = histogram(metrics, 'inbox_commit', 'Duration of group commits', COMMIT_BUCKETS_S);
    inbox.onCommit(() => commits.observe(inbox.stats().lastCommitMs / 1000));
  }
  for (const [name, help, read] of shown) {
    if (!metrics.getSingleMetric(`ronde_${name}`)) gauge(metrics, name, help, read);
  }
}

const BEHIND_ALARM_MS = 60_000;

/** Shows how far the second place is: being behind is an alarm, and no reason to refuse messages. */
export function observeShipping(shipping: Shipping, { metrics, health }: { metrics: Metrics; health: Health }): void {
  health.add('shipping', () => {
    const { behindMs, lagFrames, fault } = shipping.status();
    const behindS = Math.round(behindMs / 1000);
    const detail = `the second place is ${behindS} s and ${lagFrames} frames behind${fault ? `: ${fault}` : ''}`;
    if (fault === undefined && behindMs <= BEHIND_ALARM_MS) return { ok: true };
    return { ok: true, degraded: true, detail };
  });
  const shown: [string, string, () => number][] = [
    ['shipped_seq', 'Seq of the newest frame at the second place', () => shipping.status().seq],
    ['ship_lag_frames', 'Durable frames that are not at the second place yet', () => shipping.status().lagFrames],
    ['ship_behind_seconds', 'Age of the oldest frame not shipped', () => shipping.status().behindMs / 1000],
    ['ship_worst_behind_seconds', 'Worst of it since the start', () => shipping.status().worstBehindMs / 1000],
    ['ship_segments', 'Segments at the second place', () => shipping.status().segments],
    ['ship_skipped_frames', 'Frames dropped here before they were shipped', () => shipping.status().skipped],
    ['ship_fault', '1 while the second place takes nothing', () => (shipping.status().fault === undefined ? 0 : 1)],
  ];
  for (const [name, help, read] of shown) gauge(metrics, `inbox_${name}`, help, read);
}
