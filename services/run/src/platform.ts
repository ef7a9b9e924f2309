import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApi } from '@ronde/api';
import { createBroker } from '@ronde/broker';
import { openBus } from '@ronde/bus';
import { openInbox, type InboxEvent } from '@ronde/inbox';
import { createIngest } from '@ronde/ingest';
import {
  createClock,
  createHealth,
  createSealer,
  createHttp,
  openLog,
  openMetrics,
  type Clock,
  type Logger,
  type Service,
} from '@ronde/kit';
import { openReadings, type InfluxOptions, type ReadingsStore } from '@ronde/readings';
import { createAuthenticator, openRegistry, type Registry } from '@ronde/registry';
import { createRouting } from '@ronde/routing';
import { openSensorTypes } from '@ronde/sensor-types';
import { openTravel } from '@ronde/travel';
import type { AllConfigs } from './config.ts';
import { createDemo } from './demo.ts';
import { lostStores } from './lost-stores.ts';
import { parseRetention, startRetention } from './retention.ts';
import { addHealthRoutes } from './health-routes.ts';
import { openErasureLog } from './erasure-log.ts';
import { openHttps } from './https.ts';
import { observeReadings } from './observe-readings.ts';
import { openSecondPlace, openTelemetry, startWatch } from './operations.ts';
import type { RoleName } from './roles.ts';
import { adminToken, sealKey } from './secrets.ts';
import { openTeamwork } from './teamwork.ts';
import { commit, version } from './version.ts';

/** A running platform. */
export interface Platform {
  url: string;
  /** Port of the embedded broker; 0 where none runs. */
  mqttPort: number;
  adminToken: { token: string; isNew: boolean };
  /** Tokens of the demo's roles, for signed-in links; empty without the demo. */
  links: { label: string; path: string; token: string }[];
  registry: Registry;
  readings: ReadingsStore;
  clock: Clock;
  log: Logger;
  stop(): Promise<void>;
}

const WEB_DIR = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Opens every store, wires the roles and starts them; `stop` ends them in reverse order. */
export async function startPlatform(
  configs: AllConfigs,
  roles: RoleName[],
  onOvertaken: (what: string) => void = endProcess,
): Promise<Platform> {
  const { platform } = configs;
  const dataDir = resolve(platform.DATA_DIR);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const log = openLog(platform.LOG_LEVEL);
  const closers: (() => Promise<unknown> | void)[] = [];
  const closeLater = <T extends { close(): Promise<unknown> }>(opened: T): T => {
    closers.push(() => opened.close());
    return opened;
  };
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse())
      await Promise.resolve(close()).catch((error: unknown) => log.error({ err: error }, 'run.stop.fail'));
  };
  const isUsed = { registry: platform.REGISTRY_URL === 'sqlite:', readings: platform.READINGS_URL === 'sqlite:' };
  for (const file of lostStores(dataDir, isUsed))
    log.error({ file, remedy: 'stop, and restore the last backup' }, 'run.store.lost');
  try {
    const registry = closeLater(await openRegistry(platform.REGISTRY_URL, { dataDir, log }));
    const teamwork = await openTeamwork({ registry, configs, roles, dataDir, log, onOvertaken });
    closers.push(() => teamwork.close());
    const store = closeLater(
      await openReadings(platform.READINGS_URL, { dataDir, log, influx: influxOptions(platform) }),
    );
    const metrics = openMetrics({ process: true });
    const readings = observeReadings(store, metrics);
    const bus = closeLater(await openBus(platform.BUS_URL, log));
    const travel = closeLater(await openTravel(platform.TRAVEL_URL, { dataDir, log }));
    const sensorTypes = closeLater(
      await openSensorTypes({ dirs: platform.SENSOR_TYPES_DIR ? [platform.SENSOR_TYPES_DIR] : [] }),
    );
    const clock = await openClock(platform, readings);
    const retention = startRetention(parseRetention(platform.READINGS_RETENTION_DAYS) ?? {}, { readings, clock, log });
    closers.push(() => retention.stop());
    const health = createHealth();
    health.add('registry', registry.health);
    health.add('readings', readings.health);
    // parts of several processes are told apart by what runs there
    const place = platform.BUS_URL === 'memory:' ? '' : ` of ${roles.join('+')} ${configs.ingest.INGEST_WORKER}`;
    const operations = { platform, dataDir, registry, bus, clock, log, metrics, health };
    const admin = adminToken(dataDir, platform.ADMIN_TOKEN);
    const tenant = platform.TENANT;
    const authenticate = createAuthenticator({ registry, adminToken: admin.token, tenant });
    if (platform.BUS_URL !== 'memory:') health.add('bus', bus.health);
    bus.onGap(() => authenticate.invalidate());
    bus.on('registry.changed', ({ kind }) => (kind === 'token' ? authenticate.invalidate() : undefined));
    const http = await createHttp({
      authenticate,
      version,
      log,
      trustedProxies: configs.api.TRUSTED_PROXIES,
      contact: { name: configs.api.CONTACT_NAME, url: configs.api.CONTACT_URL, email: configs.api.CONTACT_EMAIL },
    });
    const sealer = createSealer(sealKey(dataDir, platform.SEAL_KEY));
    const shared = { registry, readings, bus, http, clock, log, metrics, health, authenticate, sealer };

    const demo = roles.includes('sim')
      ? createDemo({ ...shared, sensorTypes, dataDir, tenant, seed: platform.DEMO_SEED })
      : undefined;
    await demo?.seed();
    const has = (role: RoleName): boolean => roles.includes(role);
    const inbox = has('ingest')
      ? closeLater(await openInbox({ dir: join(dataDir, 'inbox'), firstSeq: teamwork.firstSeq, ...inboxEvents(log) }))
      : undefined;
    const shipping = inbox && (await openSecondPlace(operations, inbox));
    if (shipping) closeLater(shipping);
    const erasures = openErasureLog(dataDir, shipping);
    const broker = inbox && has('broker') ? createBroker(configs.broker, { ...shared, inbox }) : undefined;
    const services = [
      has('api') &&
        createApi(configs.api, {
          ...shared,
          leases: teamwork.leases,
          sensorTypes,
          version,
          commit,
          roles,
          webDir: WEB_DIR,
        }),
      has('routing') &&
        createRouting(configs.routing, { ...shared, registry: teamwork.routingRegistry, travel, version }),
      inbox &&
        createIngest(configs.ingest, {
          ...shared,
          leases: teamwork.leases,
          mqtt: broker,
          inbox,
          sensorTypes,
          shipping,
          erasures,
        }),
      broker,
    ].filter((service): service is Service => typeof service === 'object');
    if (!has('api')) addHealthRoutes(http, { health, metrics, version, commit, roles });
    for (const service of services) {
      // before its start: one that fails half-way has opened things too
      closers.push(() => service.stop());
      await service.start();
    }
    const url = await http.listen({ host: platform.HOST, port: platform.HTTP_PORT });
    closers.push(() => http.close());
    const https = await openHttps(http, platform, { log, metrics, health, nowMs: Date.now });
    if (https) closers.push(() => https.close());
    const mqttPort = broker?.ports().mqtt ?? 0;
    const mqttUrl = `mqtt://${loopbackOf(platform.HOST)}:${mqttPort}`;
    closers.push(await startWatch(operations, { mqttUrl: broker && mqttUrl, place }));
    const instance = `${roles.join('+')} ${configs.ingest.INGEST_WORKER}`;
    closers.push(await openTelemetry(operations, { version, instance }));
    if (demo) {
      await demo.start({ httpUrl: url, mqttUrl });
      closers.push(() => demo.stop());
    }
    log.info({ url, mqtt_port: mqttPort, roles, version }, 'run.platform.start');
    return { url, mqttPort, adminToken: admin, links: demo?.links() ?? [], registry, readings, clock, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** In the demo time runs faster, and goes on where an earlier run left off if that is ahead of host time. */
async function openClock({ DEMO, DEMO_SPEED }: AllConfigs['platform'], readings: ReadingsStore): Promise<Clock> {
  if (!DEMO) return createClock();
  const { newestAtMs } = await readings.stats();
  return createClock({ startMs: Math.max(Date.now(), newestAtMs ?? 0), speed: DEMO_SPEED });
}

/** Where readings in InfluxDB go, from the configuration. */
export function influxOptions(platform: AllConfigs['platform']): InfluxOptions {
  const { INFLUX_TOKEN: token, INFLUX_ORG: org, INFLUX_BUCKET: bucket } = platform;
  // several processes need a bus between them
  const isShared = platform.BUS_URL !== 'memory:';
  return { token, org, bucket, retentionDays: platform.INFLUX_RETENTION_DAYS, isShared };
}

function inboxEvents(log: Logger): { onEvent: (event: InboxEvent) => void } {
  return { onEvent: ({ name, ...facts }) => log.warn(facts, name) };
}

function loopbackOf(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

/** sysexits EX_TEMPFAIL: a supervisor starts the process again, and it stands by. */
const OVERTAKEN = 75;

function endProcess(what: string): void {
  process.stderr.write(`ronde: another process took over ${what}: this one ends\n`);
  process.exit(OVERTAKEN);
}
