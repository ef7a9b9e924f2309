import type { DeviceRecord, IntegrationRecord } from '@ronde/contracts';
import type { Cancel, Service } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { DeviceMemory } from '../health/memory.ts';
import type { HealthTracker } from '../health/tracker.ts';
import { createNetworkAsker, type AskerParts } from './ask-network.ts';
import { createDebts, waitFor } from './debts.ts';

export interface GapFillerParts extends AskerParts {
  registry: Pick<Registry, 'devices' | 'integrations' | 'meta'>;
  tracker: Pick<HealthTracker, 'memories'>;
}

/** Fetches uplinks that never arrived from networks that keep them. */
export interface GapFiller extends Service {
  /** Asks for what came while this platform was down. @returns how many messages came */
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
const NOBODY = 'no network can be asked: give the integration of the device the API of a network that keeps uplinks';

type Gap = DeviceMemory['gaps'][number];

export function createGapFiller(parts: GapFillerParts): GapFiller {
  const { registry, tracker, clock, log, tenant } = parts;
  const asker = createNetworkAsker(parts);
  const stopping = new AbortController();
  const debts = createDebts({ ...parts, asker, stopping: stopping.signal });
  const ends: Cancel[] = [];
  let working: Promise<void> | undefined;
  const aliveKey = `alive:${tenant}`;

  async function sinceDown(): Promise<number> {
    const alive = await registry.meta.get(aliveKey);
    const nowMs = clock.nowMs();
    if (alive === undefined || nowMs - Number(alive) < DOWN_FROM_MS) return 0;
    await debts.add({ fromMs: Number(alive) - MARGIN_MS, toMs: nowMs + MARGIN_MS });
    const count = await debts.pay();
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
      if (due.length === 0 || asked >= PER_LOOK || stopping.signal.aborted) continue;
      const device = await registry.devices.get(tenant, memory.id);
      const integration = device && integrationOf(device, integrations);
      if (!device || !integration) {
        // nobody to ask: nothing will come any more but by itself
        for (const gap of due) Object.assign(gap, { status: 'lost', reason: NOBODY });
        continue;
      }
      const fromMs = Math.min(...due.map(({ noticedAt }) => Date.parse(noticedAt))) - spanOf(memory);
      const answer = await asker.ask(integration, { device, fromMs, toMs: nowMs });
      note(due, answer);
      count += answer.count;
      if (answer.isPaused) continue;
      asked += 1;
      await waitFor(asker.historyOf(integration)?.history.pauseMs ?? 0, stopping.signal);
    }
    return count;
  }

  /** The device's own integration, else the only one of the tenant that keeps a history. */
  function integrationOf(
    { integrationId }: DeviceRecord,
    known: ReadonlyMap<string, IntegrationRecord>,
  ): IntegrationRecord | undefined {
    const able = [...known.values()].filter((one) => asker.historyOf(one) !== undefined);
    if (integrationId !== undefined) return able.find(({ id }) => id === integrationId);
    return able.length === 1 ? able[0] : undefined;
  }

  const look = (): void => {
    working ??= (async () => {
      await debts.pay();
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
      stopping.abort();
      await working;
    },
  };
}

/** Writes down what the network said of gaps: what came may have filled them meanwhile. */
function note(
  due: readonly Gap[],
  { fault, isPaused }: { fault?: { detail: string } | undefined; isPaused: boolean },
): void {
  for (const gap of due.filter(({ status }) => status !== 'filled')) {
    if (fault) gap.reason = fault.detail.slice(0, 300);
    else delete gap.reason;
    // a network that is away is asked again, until it answers
    if (!isPaused) gap.status = gap.status === 'asked' ? 'lost' : 'asked';
  }
}

function dueGaps({ gaps }: DeviceMemory, nowMs: number): Gap[] {
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
