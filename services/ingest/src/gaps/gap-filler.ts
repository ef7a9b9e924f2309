import type { DeviceRecord, IntegrationRecord } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import { counter, type Cancel, type Clock, type Logger, type Metrics, type Sealer, type Service } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { DeviceMemory } from '../health/memory.ts';
import type { HealthTracker } from '../health/tracker.ts';
import type { NetworkHttp } from '../outside/http.ts';
import { openedApi } from '../outside/opened-api.ts';
import { BACKFILL_TOPIC } from './backfill.ts';
import { HISTORY, type HistoryQuery } from './history.ts';

export interface GapFillerParts {
  registry: Pick<Registry, 'devices' | 'integrations' | 'meta'>;
  inbox: Pick<Inbox, 'append'>;
  tracker: Pick<HealthTracker, 'memories'>;
  http: NetworkHttp;
  sealer: Sealer;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  tenant: string;
}

/** Fetches uplinks that never arrived from the storage of networks that have one. */
export interface GapFiller extends Service {
  /** Asks for what came while this platform was down: everything of each application since it was last alive. */
  sinceDown(): Promise<number>;
  /** Asks for the gaps that are open now. @returns how many messages came */
  fill(): Promise<number>;
}

const LOOK_EVERY_MS = 60_000;
/** Late uplinks and their copies get this long to come by themselves. */
const PATIENCE_MS = 120_000;
/** A gap asked for once and still open is asked for again after this long, then given up. */
const AGAIN_MS = 3_600_000;
const DOWN_FROM_MS = 90_000;
const MARGIN_MS = 60_000;
const PER_LOOK = 50;
const MOST_PAGES = 200;

export function createGapFiller(parts: GapFillerParts): GapFiller {
  const { registry, inbox, tracker, http, sealer, clock, log, tenant } = parts;
  const fetched = counter(parts.metrics, 'ingest_backfilled_messages_total', 'Messages fetched from networks.', [
    'source',
  ]);
  const ends: Cancel[] = [];
  let working: Promise<void> | undefined;
  const aliveKey = `alive:${tenant}`;

  /** Asks one network for a span, page by page, and puts what comes into the inbox. */
  async function ask(integration: IntegrationRecord, query: Omit<HistoryQuery, 'api'>): Promise<number | undefined> {
    const history = HISTORY[integration.source];
    const api = openedApi(integration, sealer);
    if (!history || !api) return undefined;
    let count = 0;
    let fromMs = query.fromMs;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await history({ ...query, api, fromMs }, http);
      if (!answer.ok) {
        log.warn({ integration_id: integration.id, reason: answer.detail }, 'ingest.gap.refuse');
        return undefined;
      }
      for (const message of answer.messages) await keep(integration, message);
      count += answer.messages.length;
      fetched.inc({ source: integration.source }, answer.messages.length);
      const lastMs = receivedAtOf(answer.messages.at(-1));
      if (!answer.isCut || lastMs === undefined || lastMs <= fromMs) break;
      fromMs = lastMs;
    }
    return count;
  }

  const keep = (integration: IntegrationRecord, message: unknown): Promise<number> =>
    inbox.append({
      tenant,
      source: integration.source,
      topic: `${BACKFILL_TOPIC}${integration.id}`,
      receivedAtMs: clock.nowMs(),
      origin: { kind: 'integration', id: integration.id },
      payload: new TextEncoder().encode(JSON.stringify(message)),
    });

  async function sinceDown(): Promise<number> {
    const alive = await registry.meta.get(aliveKey);
    const nowMs = clock.nowMs();
    if (alive === undefined || nowMs - Number(alive) < DOWN_FROM_MS) return 0;
    let count = 0;
    for (const integration of await registry.integrations.all(tenant))
      count += (await ask(integration, { fromMs: Number(alive) - MARGIN_MS, toMs: nowMs + MARGIN_MS })) ?? 0;
    if (count > 0) log.info({ messages: count, down_ms: nowMs - Number(alive) }, 'ingest.gap.caught-up');
    return count;
  }

  async function fill(): Promise<number> {
    const nowMs = clock.nowMs();
    const integrations = new Map((await registry.integrations.all(tenant)).map((one) => [one.id, one]));
    let count = 0;
    let asked = 0;
    for (const memory of await tracker.memories(tenant)) {
      const due = dueGaps(memory, nowMs);
      if (due.length === 0 || asked >= PER_LOOK) continue;
      const device = await registry.devices.get(tenant, memory.id);
      const integration = device && (await integrationOf(device, integrations));
      if (!device || !integration) {
        // nobody to ask: nothing will come any more but by itself
        for (const gap of due) gap.status = 'lost';
        continue;
      }
      asked += 1;
      const fromMs = Math.min(...due.map(({ noticedAt }) => Date.parse(noticedAt))) - spanOf(memory);
      const came = await ask(integration, { device, fromMs, toMs: nowMs });
      if (came === undefined) continue;
      // what came may have filled them meanwhile
      for (const gap of due.filter(({ status }) => status !== 'filled'))
        gap.status = gap.status === 'asked' ? 'lost' : 'asked';
      count += came;
    }
    return count;
  }

  /** The device's own integration, else the only one of the tenant that keeps a history. */
  async function integrationOf(
    { integrationId }: DeviceRecord,
    known: ReadonlyMap<string, IntegrationRecord>,
  ): Promise<IntegrationRecord | undefined> {
    if (integrationId !== undefined) return known.get(integrationId);
    const able = [...known.values()].filter(({ source, api }) => HISTORY[source] && api?.keySealed !== undefined);
    return able.length === 1 ? able[0] : undefined;
  }

  const look = (): void => {
    working ??= (async () => {
      await fill();
      await registry.meta.set(aliveKey, String(clock.nowMs()));
    })()
      .catch((error: unknown) => log.error({ err: error }, 'ingest.gap.throw'))
      .finally(() => (working = undefined));
  };

  return {
    sinceDown,
    fill,
    async start() {
      working = sinceDown()
        .then(() => registry.meta.set(aliveKey, String(clock.nowMs())))
        .catch((error: unknown) => log.error({ err: error }, 'ingest.gap.throw'))
        .finally(() => (working = undefined));
      ends.push(clock.every(LOOK_EVERY_MS, look));
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await working;
    },
  };
}

function dueGaps({ gaps }: DeviceMemory, nowMs: number): DeviceMemory['gaps'] {
  return gaps.filter(({ status, noticedAt }) => {
    const ageMs = nowMs - Date.parse(noticedAt);
    return (status === 'open' && ageMs >= PATIENCE_MS) || (status === 'asked' && ageMs >= AGAIN_MS);
  });
}

/** A gap began at most this long before it was noticed: as long as all its uplinks take, and one more. */
function spanOf({ gaps, cadence }: DeviceMemory): number {
  const everyMs = cadence.gapsMs.length === 0 ? 3_600_000 : Math.max(...cadence.gapsMs);
  const longest = Math.max(1, ...gaps.map(({ from, to }) => to - from + 2));
  return Math.min(30 * 86_400_000, longest * everyMs);
}

function receivedAtOf(message: unknown): number | undefined {
  const at = (message as { received_at?: unknown } | undefined)?.received_at;
  const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  return Number.isFinite(atMs) ? atMs : undefined;
}
