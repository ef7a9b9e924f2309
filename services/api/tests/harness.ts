import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { openBus } from '@ronde/bus';
import type { Role } from '@ronde/contracts';
import {
  createFakeClock,
  createHealth,
  createSealer,
  createHttp,
  openMetrics,
  silentLog,
  type Clock,
  type FakeClock,
  type HttpServer,
} from '@ronde/kit';
import { openReadings, type ReadingsStore } from '@ronde/readings';
import { createAuthenticator, hashSecret, openRegistry, type Registry } from '@ronde/registry';
import { ApiConfig, createApi, type ApiDeps, type SensorTypeCatalogue } from '../src/index.ts';

export const ADMIN_TOKEN = 'admin-token-of-the-test';
export const PLAIN_TYPE = {
  id: 'plain',
  version: '1.0.0',
  vendor: 'Ronde',
  model: 'plain',
  description: 'Plain values',
  fPorts: [1],
  expectedIntervalS: 3600,
  quantities: ['fill' as const],
  source: 'none',
  licence: 'CC0-1.0',
};
const TYPE_LIST = [PLAIN_TYPE, { ...PLAIN_TYPE, id: 'lean' }];
const TYPES: SensorTypeCatalogue = { list: () => TYPE_LIST };

/** A running API on real stores in memory, with a token per role and tenant. */
export interface TestApi {
  tenant: string;
  /** An admin token of the tenant; what `call` sends unless told otherwise. */
  token: string;
  http: HttpServer;
  registry: Registry;
  readings: ReadingsStore;
  deps: ApiDeps;
  clock: FakeClock;
  tokenOf(role: Role, tenant?: string): Promise<string>;
  call(options: CallOptions): Promise<Answer>;
}
export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  token?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}
export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  body: Record<string, never> & { [key: string]: unknown };
}

/** Opens an API for one test (closed when it ends), or with `keep` for a file of tests. */
export async function openTestApi(
  options: { env?: Record<string, string>; webDir?: string; keep?: boolean; hostClock?: Clock } = {},
): Promise<TestApi & { close(): Promise<void> }> {
  const log = silentLog();
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-api-'));
  const registry = await openRegistry('sqlite:', { dataDir, log });
  const readings = await openReadings('sqlite:', { dataDir, log });
  const bus = await openBus('memory:', log);
  const clock = createFakeClock();
  const authenticate = createAuthenticator({ registry, adminToken: ADMIN_TOKEN, tenant: 'default' });
  bus.on('registry.changed', ({ kind }) => {
    if (kind === 'token') authenticate.invalidate();
  });
  const http = await createHttp({ authenticate, version: '0.1.0' });
  const config = ApiConfig.parse(options.env ?? {});
  const deps: ApiDeps = {
    http,
    registry,
    readings,
    bus,
    sensorTypes: TYPES,
    clock,
    log,
    metrics: openMetrics(),
    health: createHealth(),
    sealer: createSealer(new Uint8Array(32)),
    version: '0.1.0',
    commit: 'abc1234',
    roles: ['api'],
    webDir: options.webDir,
    ...(options.hostClock && { hostClock: options.hostClock }),
  };
  const api = createApi(config, deps);
  await api.start();
  const close = async (): Promise<void> => {
    await api.stop();
    await http.close();
    await bus.close();
    await readings.close();
    await registry.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  if (!options.keep) onTestFinished(close);
  const tenant = 'default';
  return {
    tenant,
    token: ADMIN_TOKEN,
    http,
    registry,
    readings,
    deps,
    clock,
    close,
    tokenOf: tokenMaker(registry, tenant),
    call: caller(http, ADMIN_TOKEN),
  };
}

/** Opens one API for a file of tests; each call gives a fresh tenant of it. */
export function shareTestApi(): () => Promise<TestApi> {
  let shared: Awaited<ReturnType<typeof openTestApi>>;
  let count = 0;
  let last = 'default';
  beforeAll(async () => {
    shared = await openTestApi({ keep: true });
  });
  afterAll(() => shared.close());
  return async () => {
    const { registry, http } = shared;
    // device ids are unique over all tenants
    for (const { id } of await registry.devices.all(last)) await registry.devices.delete(last, id);
    const tenant = (last = `tenant-${++count}`);
    const token = `boot-${tenant}`;
    await registry.tokens.put(tenant, {
      id: token,
      role: 'admin',
      createdAt: shared.clock.iso(),
      secretHash: hashSecret(token),
    });
    return { ...shared, tenant, token, tokenOf: tokenMaker(registry, tenant), call: caller(http, token) };
  };
}

function tokenMaker(registry: Registry, own: string): TestApi['tokenOf'] {
  return async (role, tenant = own) => {
    const id = `tok-${tenant}-${role}`;
    const token = `secret-of-${id}`;
    await registry.tokens.put(tenant, {
      id,
      role,
      createdAt: '2026-01-05T06:00:00.000Z',
      secretHash: hashSecret(token),
    });
    return token;
  };
}

function caller(http: HttpServer, own: string): TestApi['call'] {
  return async ({ method = 'GET', url, token = own, body, headers = {} }) => {
    const answer = await http.inject({
      method,
      url,
      headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { payload: body as object }),
    });
    const isJson =
      String(answer.headers['content-type'] ?? '').includes('json') &&
      answer.payload !== '' &&
      !answer.payload.includes('\n{');
    return {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string>,
      text: answer.payload,
      body: isJson ? answer.json() : {},
    };
  };
}

export const BIN = {
  id: 'bin-1',
  kind: 'litter-bin',
  name: 'Dam 1',
  geometry: { type: 'Point', coordinates: [4.8925, 52.3731] },
  chambers: [{ id: '1', volumeL: 120 }],
};
