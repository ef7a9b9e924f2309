import type { IntegrationRecord, NetworkApi } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import { counter, type Clock, type Logger, type Metrics, type Sealer } from '@ronde/kit';
import type { AccessTokens } from '../outside/access-tokens.ts';
import type { NetworkFault, NetworkHttp } from '../outside/http.ts';
import { openedApi } from '../outside/opened-api.ts';
import { BACKFILL_TOPIC } from './backfill.ts';
import { HISTORY } from './history/index.ts';
import { lacks, type HistoryQuery, type NetworkHistory } from './history/port.ts';

export interface AskerParts {
  inbox: Pick<Inbox, 'append'>;
  http: NetworkHttp;
  tokens: AccessTokens;
  sealer: Sealer;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  tenant: string;
}

export interface Asked {
  /** Messages that came; they are in the inbox. */
  count: number;
  fault?: NetworkFault | undefined;
  /** The network wants to be left alone, or refuses our key: nobody is to be asked now. */
  isPaused: boolean;
}

/** Asks networks for spans of their history, and leaves those alone that are away or refuse. */
export interface NetworkAsker {
  historyOf(integration: IntegrationRecord): { history: NetworkHistory; api: NetworkApi } | undefined;
  ask(integration: IntegrationRecord, query: Omit<HistoryQuery, 'api'>): Promise<Asked>;
}

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

interface Pause {
  untilMs: number;
  faults: number;
  fault: NetworkFault;
  /** What the integration said when it was refused: another key may be tried at once. */
  of: string;
}

export function createNetworkAsker(parts: AskerParts): NetworkAsker {
  const { inbox, http, tokens, sealer, clock, log, metrics, tenant } = parts;
  const fetched = counter(metrics, 'ingest_backfilled_messages_total', 'Messages fetched from networks.', ['source']);
  const faults = counter(metrics, 'ingest_backfill_faults_total', 'Questions that networks did not answer.', [
    'source',
  ]);
  const pauses = new Map<string, Pause>();

  async function keep(integration: IntegrationRecord, message: unknown): Promise<void> {
    await inbox.append({
      tenant,
      source: integration.source,
      topic: `${BACKFILL_TOPIC}${integration.id}`,
      receivedAtMs: clock.nowMs(),
      origin: { kind: 'integration', id: integration.id },
      payload: new TextEncoder().encode(JSON.stringify(message)),
    });
  }

  async function fetchAll(
    integration: IntegrationRecord,
    query: Omit<HistoryQuery, 'api'>,
  ): Promise<Omit<Asked, 'isPaused'>> {
    const found = historyOf(integration);
    if (!found) return { count: 0, fault: lacks('api of a network that keeps uplinks') };
    const opened = await tokens.exchange(found.api);
    if (!opened.ok) return { count: 0, fault: opened };
    const pages = found.history.ask({ ...query, api: opened.api }, http);
    let count = 0;
    for (;;) {
      const page = await pages.next();
      if (page.done) return { count, fault: page.value };
      for (const message of page.value) await keep(integration, message);
      count += page.value.length;
      fetched.inc({ source: integration.source }, page.value.length);
    }
  }

  function historyOf(integration: IntegrationRecord): { history: NetworkHistory; api: NetworkApi } | undefined {
    const history = HISTORY[integration.source];
    const api = openedApi(integration, sealer);
    return history && api?.key !== undefined ? { history, api } : undefined;
  }

  return {
    historyOf,
    async ask(integration, query) {
      const of = JSON.stringify(integration.api);
      const pause = pauses.get(integration.id);
      if (pause?.of === of && pause.untilMs > clock.nowMs()) return { count: 0, fault: pause.fault, isPaused: true };
      const { count, fault } = await fetchAll(integration, query);
      if (!fault) {
        pauses.delete(integration.id);
        return { count, isPaused: false };
      }
      faults.inc({ source: integration.source });
      log.warn({ integration_id: integration.id, messages: count, reason: fault.detail }, 'ingest.gap.refuse');
      const isPaused = fault.retriable || fault.status === 401 || fault.status === 403;
      if (isPaused) {
        const before = pause?.of === of ? pause.faults : 0;
        const waitMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** before);
        const untilMs = clock.nowMs() + Math.max(waitMs, fault.retryAfterMs ?? 0);
        pauses.set(integration.id, { untilMs, faults: Math.min(before + 1, 10), fault, of });
      }
      return { count, fault, isPaused };
    },
  };
}
