import type { Bus } from '@ronde/bus';
import { createBreath, type Clock, type Logger } from '@ronde/kit';
import type { Committed } from './pipeline.ts';

/** Tells the bus of committed batches in their order, one at a time while its handlers keep up. */
export interface Announcer {
  /** Resolves when the batch before this one has been heard: at most one is under way. */
  announce(committed: Committed): Promise<void>;
  /** Resolves when everything announced has been heard. */
  settled(): Promise<void>;
}

// A handler that hangs may hold the way of frames up this long per batch, and no longer.
const PATIENCE_MS = 5_000;

export function createAnnouncer(bus: Pick<Bus, 'publish'>, clock: Clock, log: Logger): Announcer {
  const breathe = createBreath();
  let underWay: Promise<void> = Promise.resolve();
  const publish = async ({ tenant, accepted, told, traces, deadLetters, heard }: Committed): Promise<void> => {
    if (heard.length > 0) await bus.publish('uplinks.heard', { tenant, items: heard });
    await breathe();
    if (accepted.length > 0) await bus.publish('readings.accepted', { tenant, readings: accepted });
    await breathe();
    const items = told.map(({ device, frame, event }) => ({
      deviceId: device.id,
      receivedAtMs: frame.receivedAtMs,
      event,
    }));
    if (items.length > 0) await bus.publish('network.told', { tenant, items });
    if (traces.length > 0) await bus.publish('uplink.handled', { tenant, items: traces });
    for (const deadLetter of deadLetters) await bus.publish('dead-letter.stored', { tenant, deadLetter });
  };
  const patiently = (work: Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(PATIENCE_MS * clock.speed, () => {
        log.warn('ingest.announce.slow');
        resolve();
      });
      // the readings are stored: who misses an event rebuilds from the store
      void work
        .catch((thrown: unknown) => log.error({ err: thrown }, 'ingest.announce.throw'))
        .then(() => {
          cancel();
          resolve();
        });
    });
  return {
    async announce(committed) {
      const before = underWay;
      underWay = before.then(() => patiently(publish(committed)));
      await before;
    },
    settled: () => underWay,
  };
}
