import type { BusEventName, BusEvents } from '@ronde/contracts';
import type { HealthReport } from '@ronde/kit';

/**
 * Events between services.
 * Ordering: handlers of one event name see the events of one publisher in publishing order. `publish` resolves when every
 * handler of this process has settled, so that "usable when 201 returns" holds; a handler that fails is logged and stops
 * nobody else. Handlers of other processes follow on their own.
 * Delivery is at most once: state lives in the stores, and every consumer can rebuild from them. Events between processes
 * are numbered, so that a missing one is noticed; then `onGap` tells those who keep state to do so.
 */
export interface Bus {
  publish<E extends BusEventName>(event: E, payload: BusEvents[E]): Promise<void>;
  /** Subscribes; the returned function ends the subscription. */
  on<E extends BusEventName>(event: E, handler: (payload: BusEvents[E]) => void | Promise<void>): () => void;
  /** Calls when events of other processes may have been missed; the in-process bus misses none. */
  onGap(handler: () => void | Promise<void>): () => void;
  /** Whether events reach the other processes at this moment. */
  health(): HealthReport;
  close(): Promise<void>;
}
