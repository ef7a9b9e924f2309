import { z } from 'zod';
import {
  DeviceHealth,
  DeviceLink,
  Id,
  InstallTest,
  InstallTestInput,
  PageQuery,
  RondeError,
  pageOf,
} from '@ronde/contracts';
import { allow, type HttpServer } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { InstallTests } from './install-tests.ts';
import type { HealthTracker } from './tracker.ts';

export interface HealthRouteParts {
  registry: Pick<Registry, 'devices' | 'deviceHealth' | 'installTests'>;
  tracker: HealthTracker;
  installTests: InstallTests;
}

const staff = allow('viewer', 'operator', 'engineer', 'admin');
const fitters = allow('operator', 'engineer', 'admin');
const params = z.object({ id: Id });
const tags = ['device health'];
const HealthQuery = PageQuery.extend({ status: DeviceHealth.shape.status.optional() });

/** Adds the routes about how devices do: health, counters and gaps, installation tests. */
export function addHealthRoutes(http: HttpServer, parts: HealthRouteParts): void {
  addHealth(http, parts);
  addInstallTests(http, parts);
}

function addHealth(http: HttpServer, { registry, tracker }: HealthRouteParts): void {
  http.get(
    '/v1/device-health',
    {
      preHandler: staff,
      schema: {
        tags,
        summary: 'List devices by health',
        querystring: HealthQuery,
        response: { 200: pageOf(DeviceHealth) },
      },
    },
    async ({ principal, query: { limit, cursor, status } }) =>
      registry.deviceHealth.list(principal.tenant, { limit, cursor, ...(status && { where: { status } }) }),
  );
  http.get(
    '/v1/devices/:id/health',
    { preHandler: staff, schema: { tags, summary: 'How a device does', params, response: { 200: DeviceHealth } } },
    async ({ principal, params: { id } }) => {
      const health = await tracker.healthOf(principal.tenant, id);
      return health ?? unheard(await known(registry, principal.tenant, id));
    },
  );
  http.get(
    '/v1/devices/:id/link',
    {
      preHandler: staff,
      schema: {
        tags,
        summary: 'Counters of a device and the uplinks that never came',
        params,
        response: { 200: DeviceLink },
      },
    },
    async ({ principal, params: { id } }) => {
      await known(registry, principal.tenant, id);
      const memory = await tracker.memoryOf(principal.tenant, id);
      return {
        id,
        session: memory?.counter?.session ?? '',
        lastCounter: memory?.counter?.last ?? null,
        received: memory?.received ?? 0,
        missed: memory?.missed ?? 0,
        recovered: memory?.recovered ?? 0,
        resets: memory?.resets ?? 0,
        gaps: memory?.gaps ?? [],
      };
    },
  );
}

function addInstallTests(http: HttpServer, { registry, installTests }: HealthRouteParts): void {
  http.post(
    '/v1/devices/:id/install-tests',
    {
      preHandler: fitters,
      schema: {
        tags,
        summary: 'Begin a test at the place, lid shut: it waits for uplinks and judges the signal',
        params,
        body: InstallTestInput,
        response: { 201: InstallTest },
      },
    },
    async ({ principal, params: { id }, body }, reply) => {
      const test = await installTests.begin(principal.tenant, id, body.uplinks);
      void reply.status(201).header('location', `/v1/install-tests/${test.id}`);
      return test;
    },
  );
  http.get(
    '/v1/devices/:id/install-tests',
    {
      preHandler: fitters,
      schema: {
        tags,
        summary: 'Tests of a device, the newest first',
        params,
        querystring: PageQuery,
        response: { 200: pageOf(InstallTest) },
      },
    },
    async ({ principal, params: { id }, query }) =>
      registry.installTests.list(principal.tenant, { ...query, where: { deviceId: id }, descending: true }),
  );
  http.get(
    '/v1/install-tests/:id',
    { preHandler: fitters, schema: { tags, summary: 'How a test stands', params, response: { 200: InstallTest } } },
    async ({ principal, params: { id } }) => {
      const test = await registry.installTests.get(principal.tenant, id);
      if (!test) throw new RondeError('RESOURCE_UNKNOWN', `there is no install test "${id}"`);
      return test;
    },
  );
}

async function known(registry: Pick<Registry, 'devices'>, tenant: string, id: string): Promise<string> {
  if (!(await registry.devices.get(tenant, id))) throw new RondeError('RESOURCE_UNKNOWN', `there is no device "${id}"`);
  return id;
}

/** A device that was never heard has a health all the same: unknown. */
function unheard(id: string): DeviceHealth {
  return {
    id,
    at: new Date(0).toISOString(),
    status: 'unknown',
    lastSeenAt: null,
    intervalS: null,
    lossRate: null,
    silenceProbability: null,
    battery: null,
    rssi: null,
    snr: null,
    spreadingFactor: null,
    issues: [],
    calibration: null,
  };
}
