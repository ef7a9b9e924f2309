import type { DeviceRecord, NetworkApi } from '@ronde/contracts';
import type { NetworkFault, NetworkHttp } from '../../outside/http.ts';

/** What is asked of a network's storage: the uplinks of one device, or of a whole application, in a span of receipt. */
export interface HistoryQuery {
  api: NetworkApi;
  /** Absent: all devices of the application. */
  device?: DeviceRecord | undefined;
  fromMs: number;
  toMs: number;
}

/**
 * Asks one network. Yields messages as the network would have sent them itself, the oldest of what it has in hand first, so
 * that what came before a fault is kept; returns the fault that ended it early. It may yield what is known already, and the
 * same message twice: the pipeline drops both. Never throws for what a network answers.
 */
export type AskHistory = (
  query: HistoryQuery,
  http: NetworkHttp,
) => AsyncGenerator<readonly unknown[], NetworkFault | undefined, void>;

export interface NetworkHistory {
  ask: AskHistory;
  /** Whether it can give all devices of an application in one go; asked of what the integration says. */
  hasApplication(api: NetworkApi): boolean;
  /** Questions about single devices at one time. */
  lanes: number;
  /** How long to wait between two questions. */
  pauseMs: number;
}

/** Says what of an integration's `api` is missing, as a fault. */
export function lacks(fields: string): NetworkFault {
  return { retriable: false, detail: `the integration has no ${fields}; add it under "api"` };
}
