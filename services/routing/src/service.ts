import type { AssetInput, Principal } from '@ronde/contracts';
import { checkOrigin, gauge, type Clock, type Health, type HttpRequest, type HttpServer, type Logger, type Metrics, type Service } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { ReadingsStore } from '@ronde/readings';
import type { Registry } from '@ronde/registry';
import type { Travel } from '@ronde/travel';
import type { RoutingConfig } from './config.ts';
import { createCrewChannel } from './crew-channel.ts';
import { createCrewEvents } from './crew-events.ts';
import { readFleet } from './fleet.ts';
import { createForecaster } from './forecaster.ts';
import { createPlanner } from './planner.ts';
import { createRoundStore } from './round-store.ts';
import { addRoutes } from './routes.ts';
import { nextOpportunityMs, shiftsOf } from './shifts.ts';
import { createTriggers } from './triggers.ts';
import { createVerdicts } from './verdicts.ts';

export interface RoutingDeps {
  registry: Registry;
  readings: ReadingsStore;
  bus: Bus;
  travel: Travel;
  http: HttpServer;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  health: Health;
  authenticate(token: string): Promise<Principal | undefined>;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Creates the routing role: forecasts, plans, rounds and the crew channel. Its routes are added to `deps.http` at once. */
export function createRouting(config: RoutingConfig, deps: RoutingDeps): Service {
  const { registry, readings, bus, clock, log } = deps;
  const tenant = config.TENANT;
  let fleet: Awaited<ReturnType<typeof readFleet>> | undefined;
  const forecaster = createForecaster({
    readings, clock, log, tenant, timeZone: () => fleet?.calendar.timeZone ?? 'Europe/Amsterdam', historyDays: config.HISTORY_DAYS,
  });
  const rounds = createRoundStore({ registry, bus, clock, tenant });
  const verdicts = createVerdicts({ registry, bus, clock, tenant });
  const planner = createPlanner({ registry, bus, clock, log, travel: deps.travel, forecaster, rounds, config });
  const triggers = createTriggers({ registry, bus, clock, log, rounds, planner, config });
  const events = createCrewEvents({
    registry, readings, bus, clock, log, rounds, tenant, verdicts,
    levelOf: (assetId) => forecaster.outlook(assetId, clock.nowMs())?.fill,
    onConsequence: (event, round) => triggers.crewEvent(event, round),
  });
  const channel = createCrewChannel({
    authenticate: deps.authenticate, rounds, events, clock, log,
    onAck: (ack) => log.debug({ round_id: ack.roundId, version: ack.version }, 'routing.round.ack'),
  });

  const opportunityMs = (): number => {
    const nowMs = clock.nowMs();
    if (!fleet) return nowMs + DAY_MS;
    const { vehicles, calendar } = fleet;
    const current = vehicles.flatMap((vehicle) => shiftsOf(vehicle, calendar, { startMs: nowMs, endMs: nowMs + 1 })[0]?.endMs ?? []);
    return nextOpportunityMs(vehicles, calendar, Math.max(nowMs, ...current));
  };
  const announceRisk = async (): Promise<void> => {
    const byMs = opportunityMs();
    const risky = (fleet?.assets ?? []).filter(({ id }) => (forecaster.outlook(id, byMs)?.risk ?? 0) >= 0.5);
    await bus.publish('forecast.updated', { tenant, overflowSoon: risky.length });
  };
  const cancels: (() => void)[] = [];
  const guarded = (name: string, work: () => Promise<void>) => (): void =>
    void work().catch((error: unknown) => log.error({ err: error }, `routing.${name}.fail`));

  addRoutes(deps.http, {
    registry, tenant, planner, events,
    forecastOf: async (assetId) => ((await registry.assets.get(tenant, assetId)) ? forecaster.forecast(assetId, opportunityMs()) : undefined),
  });
  const upgrade = { websocket: true, schema: { hide: true }, onRequest: async (request: HttpRequest) => checkOrigin(request, config.PUBLIC_URL) } as const;
  deps.http.get('/v1/crew', upgrade, (socket, request) => channel.accept(socket, request));
  gauge(deps.metrics, 'crew_tablets', 'tablets connected', () => channel.tablets());
  gauge(deps.metrics, 'rounds_open', 'rounds published or active', () => rounds.open().length);

  /** Learns from history while everything else already runs; plans wait for it. */
  const learn = async (assets: AssetInput[]): Promise<void> => {
    const startedMs = performance.now();
    await forecaster.load(assets, abort.signal);
    if (abort.signal.aborted) return;
    log.info({ assets: assets.length, load_s: Math.round(performance.now() - startedMs) / 1000 }, 'routing.history.load');
    cancels.push(
      clock.every(5 * MINUTE_MS, guarded('refit', () => forecaster.refitLate())),
      clock.every(10 * MINUTE_MS, guarded('risk', announceRisk)),
    );
    await announceRisk();
    await triggers.start();
  };
  const abort = new AbortController();
  let learning: Promise<void> = Promise.resolve();

  return {
    async start() {
      fleet = await readFleet(registry, tenant);
      await rounds.load();
      await verdicts.load();
      cancels.push(
        bus.on('readings.accepted', async ({ readings: accepted }) => {
          forecaster.apply(accepted);
          triggers.readings(accepted);
          await verdicts.apply(accepted);
        }),
        bus.on('round.published', ({ round, changes }) => channel.push(round, changes)),
        bus.on('registry.changed', async ({ kind, id, deleted }) => {
          if (kind === 'token') return deleted ? channel.revoke(id) : undefined;
          fleet = await readFleet(registry, tenant);
          if (kind === 'asset' && deleted) forecaster.forget(id);
          if (kind === 'vehicle' || kind === 'calendar') await triggers.fleetChanged();
        }),
      );
      learning = learn(fleet.assets).catch((error: unknown) => log.error({ err: error }, 'routing.history.fail'));
    },
    async stop() {
      abort.abort();
      await learning;
      triggers.stop();
      for (const cancel of cancels) cancel();
      channel.close();
      await planner.stop();
    },
  };
}
