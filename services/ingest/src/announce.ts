import type { Bus } from '@ronde/bus';
import type { Committed } from './pipeline.ts';

/** Tells the bus of committed batches in their order, one at a time. */
export interface Announcer {
  /** Resolves when the batch before this one has been heard: at most one is under way. */
  announce(committed: Committed): Promise<void>;
  /** Resolves when everything announced has been heard. */
  settled(): Promise<void>;
}

export function createAnnouncer(bus: Pick<Bus, 'publish'>): Announcer {
  let underWay: Promise<void> = Promise.resolve();
  const publish = async ({ tenant, accepted, traces, deadLetters }: Committed): Promise<void> => {
    if (accepted.length > 0) await bus.publish('readings.accepted', { tenant, readings: accepted });
    if (traces.length > 0) await bus.publish('uplink.handled', { tenant, items: traces });
    for (const deadLetter of deadLetters) await bus.publish('dead-letter.stored', { tenant, deadLetter });
  };
  return {
    async announce(committed) {
      const before = underWay;
      underWay = before.then(() => publish(committed));
      await before;
    },
    settled: () => underWay,
  };
}
