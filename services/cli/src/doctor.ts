import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { probeInflux } from '@ronde/readings';
import { probeTravel } from '@ronde/travel';
import { readAll, version, type AllConfigs } from '@ronde/run';
import { checkClock } from './doctor-clock.ts';
import { checkOperations } from './doctor-operations.ts';

/** One thing looked at, and what to do when it is not well. */
export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

const MIN_FREE_BYTES = 512 * 1024 * 1024;
const REQUIRED_MAJOR = 24;

/** Looks at the runtime, the configuration, the data folder, the ports and the built screens. */
export async function diagnose(
  env: Record<string, string | undefined>,
): Promise<{ ok: boolean; version: string; checks: Check[] }> {
  const checks: Check[] = [checkNode()];
  const configs = readAll(env);
  if (!configs.ok) {
    for (const { field, message, remedy } of configs.faults)
      checks.push({ name: field, ok: false, detail: `${message}${remedy ? ` (${remedy})` : ''}` });
  } else {
    const { HOST, HTTP_PORT, DATA_DIR } = configs.value.platform;
    checks.push(
      { name: 'configuration', ok: true, detail: 'every variable is valid' },
      checkDataDir(resolve(DATA_DIR)),
    );
    checks.push(...(await checkReadings(configs.value.platform)), ...(await checkPostgres(configs.value.platform)));
    checks.push(await checkTravel(configs.value.platform));
    checks.push(await checkClock(configs.value.platform));
    checks.push(...(await checkOperations(configs.value.platform, resolve(DATA_DIR))));
    checks.push(
      await checkPort('HTTP_PORT', HOST, HTTP_PORT),
      await checkPort('MQTT_PORT', HOST, configs.value.broker.MQTT_PORT),
    );
  }
  const built = existsSync(new URL('../../web/dist/index.html', import.meta.url));
  checks.push({ name: 'screens', ok: built, detail: built ? 'built' : 'not built: run "npm run build"' });
  return { ok: checks.every(({ ok }) => ok), version, checks };
}

/** A readings store on a server has to answer; one in DATA_DIR is looked at with it. */
async function checkReadings({ READINGS_URL, ...platform }: AllConfigs['platform']): Promise<Check[]> {
  if (!READINGS_URL.startsWith('influxdb+')) return [];
  const { INFLUX_TOKEN: token = '', INFLUX_ORG: org, INFLUX_BUCKET: bucket } = platform;
  const trouble = await probeInflux({ url: READINGS_URL.slice('influxdb+'.length), token, org, bucket });
  return [
    {
      name: 'READINGS_URL',
      ok: trouble === undefined,
      detail: trouble ?? `InfluxDB answers, bucket ${bucket} can be read`,
    },
  ];
}

/** An extract has to be whole, a routing server to answer. */
async function checkTravel({ TRAVEL_URL }: AllConfigs['platform']): Promise<Check> {
  const { detail, trouble } = await probeTravel(TRAVEL_URL);
  return { name: 'TRAVEL_URL', ok: trouble === undefined, detail: trouble ?? detail };
}

/** Each store on PostgreSQL has to answer, and to be set to keep what it took. */
async function checkPostgres(platform: AllConfigs['platform']): Promise<Check[]> {
  const variables = (['REGISTRY_URL', 'READINGS_URL'] as const).filter((name) =>
    /^postgres(ql)?:/.test(platform[name]),
  );
  if (variables.length === 0) return [];
  const { probePostgres } = await import('@ronde/postgres');
  return Promise.all(
    variables.map(async (name) => {
      const { detail, trouble } = await probePostgres(name, platform[name]);
      return { name, ok: trouble === undefined, detail: trouble ?? detail };
    }),
  );
}

function checkNode(): Check {
  const ok = Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR;
  return {
    name: 'node',
    ok,
    detail: ok
      ? process.version
      : `${process.version} is too old: start through npm, or install Node ${REQUIRED_MAJOR}`,
  };
}

function checkDataDir(dir: string): Check {
  const name = 'DATA_DIR';
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.R_OK | constants.W_OK);
    const { bavail, bsize } = statfsSync(dir);
    const freeBytes = bavail * bsize;
    const detail = `${dir}: ${Math.round(freeBytes / 1024 ** 2)} MiB free`;
    return {
      name,
      ok: freeBytes > MIN_FREE_BYTES,
      detail: freeBytes > MIN_FREE_BYTES ? detail : `${detail}; make room, or choose another DATA_DIR`,
    };
  } catch (error) {
    return { name, ok: false, detail: `${dir} cannot be written: ${(error as Error).message}` };
  }
}

function checkPort(name: string, host: string, port: number): Promise<Check> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const detail =
        error.code === 'EADDRINUSE'
          ? `${host}:${port} is taken (by a running Ronde?): stop it or choose another ${name}`
          : error.message;
      done({ name, ok: false, detail });
    });
    probe.listen(port, host, () => probe.close(() => done({ name, ok: true, detail: `${host}:${port} is free` })));
  });
}
