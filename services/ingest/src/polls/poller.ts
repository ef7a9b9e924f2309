import type { IntegrationRecord, Poll } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import type { Inbox } from '@ronde/inbox';
import type { Cancel, Clock, Logger, Sealer, Service } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { NetworkHttp } from '../outside/http.ts';
import { openedApi } from '../outside/opened-api.ts';
import { timeOf, valueAt, type PolledItems } from '../sources/vendor-cloud.ts';
import { firstPage, itemsOf, nextPage } from './page.ts';

export interface PollerParts {
  registry: Pick<Registry, 'integrations' | 'meta'>;
  inbox: Pick<Inbox, 'append'>;
  bus: Pick<Bus, 'on'>;
  http: NetworkHttp;
  sealer: Sealer;
  clock: Clock;
  log: Logger;
  tenant: string;
}

/** What one poll brought. */
export interface Polled {
  pages: number;
  items: number;
  /** Why it ended early; what came before is kept. */
  fault?: string | undefined;
}

/** Polls vendors' clouds: each page goes into the inbox as it came, then the mark of what is known moves on. */
export interface Poller extends Service {
  /** Polls one integration now. */
  poll(integration: IntegrationRecord): Promise<Polled>;
}

const LOOK_EVERY_MS = 30_000;
const MOST_PAGES = 500;
/** A frame of an integration holds at most 64 KiB. */
const FRAME_CHARS = 48 * 1024;

export function createPoller(parts: PollerParts): Poller {
  const { registry, inbox, http, sealer, clock, log, tenant } = parts;
  const dueMs = new Map<string, number>();
  let ends: Cancel[] = [];
  let working: Promise<void> | undefined;

  async function poll(integration: IntegrationRecord): Promise<Polled> {
    const { id, poll: how } = integration;
    const api = openedApi(integration, sealer);
    if (!how || !api) return { pages: 0, items: 0, fault: 'the integration has no api and poll' };
    const mark = await registry.meta.get(markKey(tenant, id));
    let newestMs = mark === undefined ? undefined : Number(mark);
    const done: Polled = { pages: 0, items: 0 };
    let page: URL | undefined = firstPage(api.url, how, newestMs);
    while (page && done.pages < MOST_PAGES) {
      const answer = await http.call({ method: 'GET', url: page.href, headers: headersOf(how, api) });
      if (!answer.ok) return { ...done, fault: answer.detail };
      const items = itemsOf(answer.body, how);
      if (!items) return { ...done, fault: `the answer has no array at "${how.items}"` };
      await keep(integration, how, items);
      newestMs = newest(items, how, newestMs);
      // only after the durable append: a kill in between polls the same items again, which are duplicates then
      if (newestMs !== undefined) await registry.meta.set(markKey(tenant, id), String(newestMs));
      done.pages += 1;
      done.items += items.length;
      page = nextPage(page, how, answer.body, items);
    }
    return page ? { ...done, fault: `stopped after ${MOST_PAGES} pages` } : done;
  }

  async function keep(integration: IntegrationRecord, how: Poll, items: readonly unknown[]): Promise<void> {
    const { device, at, atUnit } = how;
    for (const some of inFrames(items)) {
      const body: PolledItems = { poll: { device, ...(at !== undefined && { at }), atUnit }, items: some };
      await inbox.append({
        tenant,
        source: 'vendor-cloud',
        topic: `poll/${integration.id}`,
        receivedAtMs: clock.nowMs(),
        origin: { kind: 'integration', id: integration.id },
        payload: new TextEncoder().encode(JSON.stringify(body)),
      });
    }
  }

  async function look(): Promise<void> {
    for (const integration of await registry.integrations.all(tenant)) {
      const { id, source, poll: how } = integration;
      if (source !== 'vendor-cloud' || !how || (dueMs.get(id) ?? 0) > clock.nowMs()) continue;
      dueMs.set(id, clock.nowMs() + how.everyS * 1000);
      const { fault, ...done } = await poll(integration);
      if (fault === undefined) log.info({ integration_id: id, ...done }, 'ingest.poll.done');
      else log.warn({ integration_id: id, ...done, reason: fault }, 'ingest.poll.fault');
    }
  }

  return {
    poll,
    async start() {
      ends = [
        parts.bus.on('registry.changed', ({ kind, id }) => void (kind === 'integration' && dueMs.delete(id))),
        clock.every(LOOK_EVERY_MS, () => {
          working ??= look()
            .catch((error: unknown) => log.error({ err: error }, 'ingest.poll.throw'))
            .finally(() => (working = undefined));
        }),
      ];
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await working;
    },
  };
}

function headersOf(
  { auth, headerName }: Poll,
  { key = '', user = '' }: { key?: string | undefined; user?: string | undefined },
): Record<string, string> {
  if (auth === 'bearer') return { authorization: `Bearer ${key}` };
  if (auth === 'basic') return { authorization: `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}` };
  return auth === 'header' ? { [headerName.toLowerCase()]: key } : {};
}

function* inFrames(items: readonly unknown[]): Generator<unknown[]> {
  let some: unknown[] = [];
  let chars = 0;
  for (const item of items) {
    const length = JSON.stringify(item)?.length ?? 0;
    if (some.length > 0 && chars + length > FRAME_CHARS) {
      yield some;
      some = [];
      chars = 0;
    }
    some.push(item);
    chars += length;
  }
  if (some.length > 0) yield some;
}

function newest(items: readonly unknown[], { at, atUnit }: Poll, known: number | undefined): number | undefined {
  if (at === undefined) return known;
  const times = items.flatMap((item) => timeOf(valueAt(item, at), atUnit) ?? []);
  return times.reduce<number | undefined>((most, atMs) => (most === undefined || atMs > most ? atMs : most), known);
}

function markKey(tenant: string, id: string): string {
  return `poll:${tenant}:${id}`;
}
