import { isQuantity, type Quantity } from '@ronde/contracts';
import type { Clock, Logger } from '@ronde/kit';
import type { ReadingsStore } from '@ronde/readings';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Days by quantity. */
export type RetentionDays = Partial<Record<Quantity, number>>;

/** Reads `rssi=90 snr=90`; undefined when it makes no sense. */
export function parseRetention(text: string): RetentionDays | undefined {
  const days: RetentionDays = {};
  for (const part of text.split(/[\s,]+/).filter(Boolean)) {
    const [, name = '', count = ''] = /^(\w+)=([1-9]\d{0,4})$/.exec(part) ?? [];
    if (!isQuantity(name)) return undefined;
    days[name] = Number(count);
  }
  return days;
}

/** Keeps readings no longer than that, by the platform's clock: looks at the start and each hour. */
export function startRetention(
  days: RetentionDays,
  { readings, clock, log }: { readings: Pick<ReadingsStore, 'expire'>; clock: Clock; log: Logger },
): { look(): Promise<void>; stop(): Promise<void> } {
  let running = Promise.resolve();
  const expire = async (): Promise<void> => {
    const now = clock.nowMs();
    // whole days, so that a look at each hour has something to do once a day
    const floor = (count: number): number => Math.floor((now - count * DAY_MS) / DAY_MS) * DAY_MS;
    const before = Object.fromEntries(Object.entries(days).map(([quantity, count]) => [quantity, floor(count)]));
    try {
      const removed = (await readings.expire?.(before)) ?? 0;
      if (removed > 0) log.info({ removed, before }, 'readings.retention.expire');
    } catch (error) {
      log.warn({ err: error }, 'readings.retention.fail');
    }
  };
  const look = (): Promise<void> => (running = running.then(expire));
  if (Object.keys(days).length === 0) return { look, stop: () => running };
  void look();
  const cancel = clock.every(HOUR_MS, () => void look());
  return {
    look,
    stop() {
      cancel();
      return running;
    },
  };
}
