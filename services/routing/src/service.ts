import type { AssetInput, Principal, RegistryKind } from '@ronde/contracts';
import {
  checkOrigin,
  createBreath,
  gauge,
  keepTrying,
  type Clock,
  type Health,
  type HttpRequest,
  type HttpServer,
  type Logger,
  type Metrics,
  type Service,
} from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { ReadingsStore } from '@ronde/readings';
import type { Registry } from '@ronde/registry';
import type { Travel } from '@ronde/travel';
import type { RoutingConfig } from './config.ts';
import { createCrewChannel } from './crew-channel.ts';
import { createCrewEvents } from './crew-events.ts';
import { currentEnds } from './duties.ts';
import { createFleetCache } from './fleet.ts';
import { createForecaster } from './forecaster.ts';
import { createOpportunity } from './opportunity.ts';
import { createLearnings } from './learnings.ts';
import { createMoves } from './moves.ts';
import { createPlanRecords } from './plan-records.ts';
import { createPlanner } from './planner.ts';
import { createRests, loadRests } from './rests.ts';
import { addRoadReachRoute, createRoadReach } from './road-reach.ts';
import { createRoundViews } from './round-views.ts';
import { createRoundLines } from './round-line.ts';
import { createRoundStore } from './round-store.ts';
import { addRoutes } from './routes.ts';
import { createSolver } from './solver.ts';
import { createStrandedLoads } from './stranded-loads.ts';
import { createTriggers } from './triggers.ts';
import { createVerdicts } from './verdicts.ts';
import { createVetoes } from './vetoes.ts';

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
  /** Of the program, kept with what it plans. */
  version?: string;
  authenticate(token: string): Promise<Principal | undefined>;
}

const MINUTE_MS = 60_000;
/** What decides which places are off the road. */
const PLACES = new Set<RegistryKind>(['asset', 'depot', 'disposal-site', 'vehicle']);

/** Creates the routing role: forecasts, plans, rounds and the crew channel. Its routes are added to `deps.http` at once. */
export function createRouting(config: RoutingConfig, deps: RoutingDeps): Service {
  const { registry, readings, bus, clock, log } = deps;
  const tenant = config.TENANT;
  const fleet = createFleetCache(registry, tenant);
  const forecaster = createForecaster({
    readings,
    clock,
    log,
    tenant,
    timeZone: () => fleet.known()?.calendar.timeZone ?? 'Europe/Amsterdam',
    historyDays: config.HISTORY_DAYS,
  });
  const rounds = createRoundStore({ registry, bus, clock, tenant });
  const verdicts = createVerdicts({ registry, bus, clock, tenant });
  const rests = createRests();
  const vetoes = createVetoes();
  const learnings = createLearnings({ registry, tenant });
  const solver = createSolver();
  const records = createPlanRecords({
    registry,
    tenant,
    clock,
    log,
    solver,
    most: config.PLAN_RECORDS,
    version: deps.version ?? 'unknown',
  });
  const planner = createPlanner({
    registry,
    bus,
    clock,
    log,
    travel: deps.travel,
    forecaster,
    rests,
    vetoes,
    learnings,
    rounds,
    config,
    solver,
    records,
  });
  const triggers = createTriggers({ registry, clock, log, rounds, planner, config });
  const events = createCrewEvents({
    registry,
    readings,
    bus,
    clock,
    log,
    rounds,
    tenant,
    verdicts,
    rests,
    vetoes,
    learnings,
    levelOf: (assetId) => forecaster.outlook(assetId, clock.nowMs())?.fill,
    onConsequence: (event) => triggers.crewEvent(event),
  });
  const stranded = createStrandedLoads({ registry, bus, clock, tenant });
  const views = createRoundViews({
    registry,
    bus,
    clock,
    tenant,
    versionOf: async (id) => (await rounds.get(id))?.version,
  });
  const channel = createCrewChannel({
    authenticate: async (token) => inTenant(await deps.authenticate(token), tenant),
    rounds,
    events,
    clock,
    log,
    onAck: (ack) =>
      void views
        .seen(ack)
        .catch((error: unknown) => log.warn({ err: error, round_id: ack.roundId }, 'routing.ack.unsaved')),
  });

  const opportunities = async (): Promise<(asset: AssetInput) => number> => {
    const now = await fleet.fresh();
    return createOpportunity(now, currentEnds(now, clock.nowMs()), clock.nowMs());
  };
  const breathe = createBreath();
  const announceRisk = async (): Promise<void> => {
    const byMs = await opportunities();
    let overflowSoon = 0;
    for (const asset of (await fleet.fresh()).assets) {
      if ((forecaster.outlook(asset.id, byMs(asset))?.risk ?? 0) >= 0.5) overflowSoon++;
      await breathe();
    }
    await bus.publish('forecast.updated', { tenant, overflowSoon });
  };
  const cancels: (() => void)[] = [];
  const guarded = (name: string, work: () => Promise<void>) => (): void =>
    void work().catch((error: unknown) => log.error({ err: error }, `routing.${name}.fail`));

  addRoutes(deps.http, {
    registry,
    tenant,
    planner,
    records,
    events,
    travel: deps.travel,
    moves: createMoves({ registry, clock, travel: deps.travel, rounds, learnings, forecaster, config }),
    lines: createRoundLines({ registry, travel: deps.travel, tenant }),
    forecastOf: async (assetId) => {
      const asset = await registry.assets.get(tenant, assetId);
      return asset && forecaster.forecast(assetId, (await opportunities())(asset));
    },
  });
  const reach = createRoadReach({ travel: deps.travel, clock, fleet: () => fleet.fresh() });
  addRoadReachRoute(deps.http, { reach, tenant });
  const upgrade = {
    websocket: true,
    schema: { hide: true },
    onRequest: async (request: HttpRequest) => checkOrigin(request, config.PUBLIC_URL),
  } as const;
  deps.http.get('/v1/crew', upgrade, (socket, request) => channel.accept(socket, request));
  gauge(deps.metrics, 'crew_tablets', 'tablets connected', () => channel.tablets());
  gauge(deps.metrics, 'rounds_open', 'rounds published or active', () => rounds.open().length);

  /** Learns from history while everything else already runs; plans wait for it. */
  const learn = async (assets: AssetInput[]): Promise<void> => {
    const startedMs = performance.now();
    const { signal } = abort;
    const onTrouble = (error: Error): void => log.warn({ err: error }, 'routing.history.wait');
    if (!(await keepTrying(() => forecaster.load(assets, signal), { signal, onTrouble })) || signal.aborted) return;
    log.info(
      { assets: assets.length, load_s: Math.round(performance.now() - startedMs) / 1000 },
      'routing.history.load',
    );
    cancels.push(
      clock.every(
        5 * MINUTE_MS,
        guarded('refit', () => forecaster.refitLate(abort.signal)),
      ),
      clock.every(10 * MINUTE_MS, guarded('risk', announceRisk)),
    );
    await announceRisk();
    if (!abort.signal.aborted) await triggers.start();
  };
  const abort = new AbortController();
  let learning: Promise<void> = Promise.resolve();

  return {
    async start() {
      const { assets } = await fleet.fresh();
      await rounds.load();
      await verdicts.load();
      await loadRests(rests, { registry, tenant, vetoes });
      await learnings.load();
      await records.load();
      void solver.warm().catch((error: unknown) => log.warn({ err: error }, 'routing.solver.cold'));
      cancels.push(
        bus.on('readings.accepted', async (accepted) => {
          if (accepted.tenant !== tenant) return;
          forecaster.apply(accepted.readings);
          triggers.readings(accepted.readings);
          await verdicts.apply(accepted.readings);
        }),
        bus.onGap(async () => {
          for (const kind of [
            'asset',
            'depot',
            'disposal-site',
            'vehicle',
            'crew',
            'calendar',
            'road-closure',
          ] as const)
            fleet.changed(kind);
          forecaster.corrected((await fleet.fresh()).assets.map(({ id }) => id));
        }),
        bus.on('readings.corrected', ({ tenant: of, changed, removed }) => {
          if (of === tenant) forecaster.corrected([...changed, ...removed].flatMap(({ assetId }) => assetId ?? []));
        }),
        bus.on('round.published', async ({ tenant: of, round, changes }) => {
          if (of !== tenant) return;
          channel.push(round, changes);
          await stranded.noteRound(round);
        }),
        bus.on('registry.changed', async (change) => {
          if (change.kind === 'token') return change.deleted ? channel.revoke(change.id) : undefined;
          if (change.tenant !== tenant) return;
          fleet.changed(change.kind);
          if (PLACES.has(change.kind)) reach.forget();
          if (change.kind === 'asset' && change.deleted) forecaster.forget(change.id);
          if (change.kind === 'vehicle' || change.kind === 'calendar') await triggers.fleetChanged();
          if (change.kind === 'road-closure') triggers.ask('road-closed');
        }),
      );
      learning = learn(assets).catch((error: unknown) => log.error({ err: error }, 'routing.history.fail'));
    },
    async stop() {
      abort.abort();
      triggers.stop();
      const plans = planner.stop();
      await learning;
      for (const cancel of cancels) cancel();
      channel.close();
      await plans;
      await solver.close();
    },
  };
}

function inTenant(principal: Principal | undefined, tenant: string): Principal | undefined {
  return principal?.tenant === tenant ? principal : undefined;
}
