import type { BusEventName, BusEvents } from '@ronde/contracts';

/**
 * Events between services.
 * Ordering: handlers of one event name see events in publishing order. `publish` resolves when every local handler has
 * settled, so that "usable when 201 returns" holds; a handler that fails is logged and stops nobody else.
 * Delivery is at most once: state lives in the stores, and every consumer can rebuild from them.
 */
export interface Bus {
  publish<E extends BusEventName>(event: E, payload: BusEvents[E]): Promise<void>;
  /** Subscribes; the returned function ends the subscription. */
  on<E extends BusEventName>(event: E, handler: (payload: BusEvents[E]) => void | Promise<void>): () => void;
  close(): Promise<void>;
}
