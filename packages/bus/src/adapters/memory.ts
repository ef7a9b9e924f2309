import type { BusEventName, BusEvents } from '@ronde/contracts';
import type { Logger } from '@ronde/kit';
import type { Bus } from '../port.ts';

type Handler = (payload: never) => void | Promise<void>;

/** Opens the in-process bus. */
export function openMemoryBus(log: Logger): Bus {
  const handlers = new Map<BusEventName, Set<Handler>>();
  const deliver = async (event: BusEventName, handler: Handler, payload: unknown): Promise<void> => {
    try {
      await handler(payload as never);
    } catch (error) {
      log.error({ err: error, event }, 'bus.handler.throw');
    }
  };
  return {
    async publish<E extends BusEventName>(event: E, payload: BusEvents[E]) {
      await Promise.all([...(handlers.get(event) ?? [])].map((handler) => deliver(event, handler, payload)));
    },
    on(event, handler) {
      const set = handlers.get(event) ?? new Set();
      handlers.set(event, set.add(handler as Handler));
      return () => void set.delete(handler as Handler);
    },
    onGap: () => () => undefined,
    health: () => ({ ok: true }),
    close: async () => handlers.clear(),
  };
}
