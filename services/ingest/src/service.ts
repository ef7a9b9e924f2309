import {
  createRng,
  tryNowOrLater,
  type Clock,
  type Health,
  type HttpServer,
  type Logger,
  type Metrics,
  type Rng,
  type Sealer,
  type Service,
} from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import { FRAMES_PER_WORKER, type Inbox, type Shipping } from '@ronde/inbox';
import type { ReadingsStore } from '@ronde/readings';
import { createLeader, type Leases, type Registry } from '@ronde/registry';
import type { SensorTypes } from '@ronde/sensor-types';
import { createAnnouncer } from './announce.ts';
import { createBridge } from './bridge/bridge.ts';
import type { IngestConfig } from './config.ts';
import { createBackPressure } from './back-pressure.ts';
import { createConsumer, cursorOf, type Consumer } from './consumer.ts';
import { addDeviceFrames } from './device-frames.ts';
import { createDownlinks } from './downlinks/downlinks.ts';
import { createRebirths } from './downlinks/sparkplug-rebirth.ts';
import { createErasure, type Erasure } from './erasure/erasure.ts';
import { memoryErasureLog, type ErasureLog } from './erasure/reach.ts';
import { addErasureRoutes } from './erasure/routes.ts';
import { createGapFiller } from './gaps/gap-filler.ts';
import { createAccessTokens } from './outside/access-tokens.ts';
import { createNetworkHttp } from './outside/http.ts';
import { createPoller } from './polls/poller.ts';
import type { MqttOutlet } from './downlinks/outlet.ts';
import { addDownlinkRoutes } from './downlinks/routes.ts';
import { answerSigfox } from './downlinks/sigfox-answer.ts';
import { catchUp } from './health/catch-up.ts';
import { createInstallTests } from './health/install-tests.ts';
import { addHealthRoutes } from './health/routes.ts';
import { createHealthTracker } from './health/tracker.ts';
import { observeIngest } from './observe.ts';
import { createPipeline, type Committed, type Pipeline } from './pipeline.ts';
import { createReplayer, type Replayer } from './replay.ts';
import { createReplays, type Replays } from './replays/replays.ts';
import { addReplayRoutes } from './replays/routes.ts';
import { startRetention } from './retention.ts';
import { createLetterReplay, type LetterReplay } from './replay-letters.ts';
import { createRetry } from './retry.ts';
import { addRoutes } from './routes.ts';
import { createTimekeeper, latticeOf } from './steps/clock.ts';
import { createSeenUplinks } from './steps/duplicate.ts';
import { openDirectory } from './steps/directory.ts';
import { createMemory } from './steps/memory.ts';
import { createStrangers } from './unknown/strangers.ts';
import { addVersionRoutes } from './versions/routes.ts';
import { createTypeVersions, type TypeVersions } from './versions/type-versions.ts';
import { addWebhooks } from './webhooks.ts';

export interface IngestDeps {
  inbox: Inbox;
  readings: ReadingsStore;
  registry: Registry;
  bus: Bus;
  sensorTypes: SensorTypes;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  health: Health;
  /** Not yet listening: the routes are added at the start. */
  http: HttpServer;
  /** Opens the keys of networks' APIs. */
  sealer: Sealer;
  /** The embedded broker, for downlinks; absent where an outside one is followed. */
  mqtt?: MqttOutlet;
  /** Present where several processes share the registry. */
  leases?: Leases;
  /** The copy of the inbox at a second place, where there is one. */
  shipping?: Pick<Shipping, 'erase'> | undefined;
  /** Records of erasures; kept in memory unless given. */
  erasures?: ErasureLog | undefined;
  /** Jitter of the back-off; seeded unless given. */
  rng?: Rng;
}

/** What the screens show is old while more frames than this, of before the start, are not handled. */
const REPLAYING_FRAMES = 1_000;
/** How soon an erasure that another worker began is applied here. */
const ERASURES_EVERY_MS = 2_000;
/** Some ten seconds of the rated load. */
const LAGGING_FRAMES = 100_000;

/** The ingest service, and its replays for the command line. */
export interface Ingest extends Service {
  /** Present once started. */
  replayer(): Replayer;
}

/**
 * Creates the ingest service: follows the inbox by cursor, turns frames into readings or dead letters, announces them,
 * and takes uplinks by webhook. While a store is in trouble it waits and tries again; the inbox goes on filling.
 */
export function createIngest(config: IngestConfig, deps: IngestDeps): Ingest {
  const { inbox, readings, bus, clock, log } = deps;
  const owned: (() => void)[] = [];
  let consumer: Consumer | undefined;
  let replayer: Replayer | undefined;
  let versions: TypeVersions | undefined;
  let replays: Replays | undefined;
  let replayUntil = 0;
  const lag = (): number => Math.max(0, inbox.stats().head - (consumer?.position() ?? 0));
  const behindMs = (): number => (lag() === 0 ? 0 : clock.nowMs() - (consumer?.receivedUntilMs() ?? -Infinity));
  const pressure = createBackPressure(lag, () => performance.now());
  const retry = createRetry({ clock, rng: deps.rng ?? createRng(1), log, onRetry: () => metrics.retried() });
  const metrics = observeIngest(deps.metrics, () => lag());
  const cursor = cursorOf(config.INGEST_WORKER);
  const leader = createLeader('ingest-chores', deps);
  const tracker = createHealthTracker({ ...deps, leader, behindMs });
  const installTests = createInstallTests(deps);
  const strangers = createStrangers();
  const http = createNetworkHttp();
  const outside = { ...deps, clock: leader.clock, http, tokens: createAccessTokens(http), tenant: config.TENANT };
  const gapFiller = createGapFiller({ ...outside, tracker });
  const poller = createPoller(outside);
  const rebirths = createRebirths(deps);
  const bridge = createBridge(config, { ...outside, rng: deps.rng ?? createRng(3) });
  const downlinks = createDownlinks({
    ...outside,
    payloadBytesOf: async (tenant, id) => (await tracker.memoryOf(tenant, id))?.payloadBytes,
  });
  deps.health.add('ingest', () => {
    const trouble = consumer?.fault() ?? retry.trouble();
    if (trouble !== undefined) return { ok: false, detail: `readings are not stored: ${trouble}` };
    const backlog = replayUntil - (consumer?.position() ?? 0);
    if (backlog > REPLAYING_FRAMES)
      return { ok: false, detail: `${backlog} frames from before the start are not handled yet` };
    return lag() > LAGGING_FRAMES
      ? { ok: true, degraded: true, detail: `${lag()} frames wait to be handled` }
      : { ok: true };
  });

  return {
    replayer() {
      if (!replayer) throw new TypeError('the ingest service is not started');
      return replayer;
    },
    async start() {
      const pipeline = await openPipeline(deps, owned);
      const announcer = createAnnouncer(bus, clock, log);
      const parts = { ...deps, pipeline, announcer, metrics };
      replayer = createReplayer(parts);
      const replayLetters = createLetterReplay(parts);
      const onUnknown = await strangers.start(deps, replayLetters);
      replays = openReplays(pipeline);
      versions = openVersions(pipeline, replayLetters);
      const { committed } = versions;
      const onCommitted = (batch: Committed): void => {
        pressure.handled(batch.frames);
        committed(batch);
      };
      consumer = createConsumer({
        ...parts,
        retry,
        onUnknown,
        onCommitted,
        cursor,
        batchFrames: config.INGEST_BATCH_FRAMES,
      });
      owned.push(
        await addWebhooks(deps.http, {
          ...deps,
          tenant: config.TENANT,
          maxWaiting: config.INGEST_MAX_WAITING,
          answer: async (tenant, source, body) =>
            source === 'sigfox' ? answerSigfox({ registry: deps.registry, downlinks }, tenant, body) : undefined,
        }),
      );
      addRoutes(deps.http, { registry: deps.registry, replayer });
      addReplayRoutes(deps.http, { replays, registry: deps.registry, tenant: config.TENANT });
      addDownlinkRoutes(deps.http, { ...deps, downlinks });
      addHealthRoutes(deps.http, { registry: deps.registry, tracker, installTests });
      addDeviceFrames(deps.http, { ...deps, identify: pipeline.identify });
      addVersionRoutes(deps.http, { versions, clock, tenant: config.TENANT });
      const position = consumer.position;
      owned.push(
        startRetention({ inbox, clock, log, days: config.INBOX_RETENTION_DAYS, maxGb: config.INBOX_MAX_GB, position }),
      );
      await leader.start();
      await versions.start();
      await replays.start();
      await tracker.start();
      await catchUp({ inbox, pipeline, tracker, nowMs: clock.nowMs(), untilSeq: await readings.cursor(cursor) });
      await installTests.start();
      for (const part of [downlinks, rebirths, gapFiller, poller]) await part.start();
      if (inbox.stats().head === 0 && (await readings.cursor(cursor)) > 0)
        log.error(
          { remedy: 'what it held and was not handled is lost, unless a second place has it' },
          'ingest.inbox.lost',
        );
      replayUntil = inbox.stats().head;
      await consumer.start();
      inbox.pace(pressure);
      const erasure = openErasure(pipeline);
      addErasureRoutes(deps.http, erasure);
      await followErasures(erasure);
      await bridge.start();
      log.info({ cursor: consumer.position(), head: inbox.stats().head }, 'ingest.service.start');
    },
    async stop() {
      inbox.pace();
      await bridge.stop();
      await replays?.stop();
      for (const close of owned.splice(0)) close();
      await consumer?.stop();
      await versions?.stop();
      await strangers.stop();
      for (const part of [poller, gapFiller, rebirths, downlinks]) await part.stop();
      await installTests.stop();
      await tracker.stop();
      await leader.stop();
    },
  };

  function openReplays(pipeline: Pipeline): Replays {
    return createReplays({
      ...deps,
      pipeline,
      worker: deps.leases && config.INGEST_WORKER,
      tenant: config.TENANT,
      retry: createRetry({ clock, rng: deps.rng ?? createRng(2), log, onRetry: () => metrics.retried() }),
      lag,
      framesPerS: config.REPLAY_FRAMES_PER_S,
      async oldestMs() {
        const { tail, head } = inbox.stats();
        return head === 0 ? undefined : (await inbox.read(tail - 1, 1))[0]?.receivedAtMs;
      },
    });
  }

  /** Finishes what was cut off, and, beside other workers, looks whether one of them began something. */
  async function followErasures(erasure: Erasure): Promise<void> {
    const ending = new AbortController();
    const onTrouble = (error: Error): void => log.warn({ err: error }, 'ingest.erasure.wait');
    owned.push(() => ending.abort());
    await tryNowOrLater(() => erasure.catchUp(), { signal: ending.signal, onTrouble });
    if (!deps.leases) return;
    const look = setInterval(() => void erasure.catchUp().catch(onTrouble), ERASURES_EVERY_MS);
    owned.push(() => clearInterval(look));
  }

  function openErasure({ identify }: Pipeline): Erasure {
    return createErasure({
      ...deps,
      identify,
      batchDone: async () => consumer?.batchDone(),
      worker: config.INGEST_WORKER,
      tenant: config.TENANT,
      log: deps.erasures ?? memoryErasureLog(),
      logger: log,
    });
  }

  function openVersions(pipeline: Pipeline, replayLetters: LetterReplay): TypeVersions {
    return createTypeVersions({
      ...deps,
      identify: pipeline.identify,
      replayLetters,
      batchDone: async () => consumer?.batchDone(),
      async replayReadings({ typeId, since, note }) {
        await replays?.create({ typeId, from: since, dryRun: false }, { by: 'ronde', note });
      },
      tenant: config.TENANT,
    });
  }

  async function openPipeline(parts: IngestDeps, closers: (() => void)[]): Promise<Pipeline> {
    const directory = openDirectory(parts.registry, bus);
    closers.push(directory.close);
    const isShared = parts.leases !== undefined;
    const seen = createSeenUplinks(readings, { isShared });
    await seen.warm(clock.nowMs());
    const { newestAtMs } = await readings.stats();
    const workerNumber = Math.floor(inbox.stats().head / FRAMES_PER_WORKER);
    const timekeeper = createTimekeeper(readings, newestAtMs, isShared ? latticeOf(workerNumber) : undefined);
    return createPipeline({
      directory,
      seen,
      timekeeper,
      memory: createMemory(parts.registry.meta),
      types: parts.sensorTypes,
      readings,
      registry: parts.registry,
    });
  }
}
