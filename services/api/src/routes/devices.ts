import { z } from 'zod';
import {
  Device,
  DeviceCreated,
  DeviceInput,
  Id,
  PageQuery,
  RondeError,
  pageOf,
  type DeviceRecord,
  type Fault,
} from '@ronde/contracts';
import { allow, checkMatch, etagOf, sendTagged } from '@ronde/kit';
import { hashSecret, newSecret } from '@ronde/registry';
import { ENGINEERS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { faultOf, found, mapPage, pageQuery, refuse } from '../faults.ts';
import { announce } from './context.ts';
import { IdParams, sameId, whereOf } from './documents.ts';

const Filters = PageQuery.extend({
  assetId: Id.optional(),
  typeId: Id.optional(),
  devEui: z.string().toLowerCase().optional(),
});

/** Adds devices; a device's secret is shown when it is made or renewed, and never again. */
export function addDevices(deps: ApiDeps): void {
  addReads(deps);
  addCreate(deps);
  addReplace(deps);
  addSecret(deps);
  addDelete(deps);
}

function addReads({ http, registry }: ApiDeps): void {
  http.get('/v1/devices', {
    preHandler: allow(...STAFF),
    schema: { summary: 'List devices', querystring: Filters, response: { 200: pageOf(Device) } },
    handler: async (request) => {
      const page = await registry.devices.list(request.principal.tenant, {
        ...pageQuery(request.query),
        where: whereOf(request.query),
      });
      return mapPage(page, withoutSecret);
    },
  });
  http.get('/v1/devices/:id', {
    preHandler: allow(...STAFF),
    schema: { summary: 'Read a device', params: IdParams, response: { 200: Device } },
    handler: async (request, reply) => {
      const { id } = request.params;
      const device = withoutSecret(found(await registry.devices.get(request.principal.tenant, id), 'device', id));
      return sendTagged(request, reply, { etag: etagOf(device), body: device }) as never;
    },
  });
}

function addCreate(deps: ApiDeps): void {
  deps.http.post('/v1/devices', {
    preHandler: allow(...ENGINEERS),
    schema: {
      summary: 'Register a device; the answer shows its secret this once',
      body: DeviceInput,
      response: { 201: DeviceCreated },
    },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      refuse(await deviceFaults(deps, tenant, request.body));
      const secret = newSecret();
      const record: DeviceRecord = { ...request.body, createdAt: deps.clock.iso(), secretHash: hashSecret(secret) };
      if (!(await deps.registry.devices.insert(tenant, record))) {
        throw new RondeError('RESOURCE_EXISTS', `the device id "${record.id}" is taken`);
      }
      await announce(deps, tenant, { kind: 'device', id: record.id });
      void reply
        .status(201)
        .header('location', `/v1/devices/${record.id}`)
        .header('etag', etagOf(withoutSecret(record)));
      return { ...withoutSecret(record), secret };
    },
  });
}

function addReplace(deps: ApiDeps): void {
  deps.http.put('/v1/devices/:id', {
    preHandler: allow(...ENGINEERS),
    schema: {
      summary: 'Replace a device; its secret stays',
      params: IdParams,
      body: DeviceInput.extend({ id: Id.optional() }),
      response: { 200: Device },
    },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      const current = found(await deps.registry.devices.get(tenant, id), 'device', id);
      checkMatch(request, withoutSecret(current));
      const input = { ...request.body, id };
      refuse([sameId(request.body.id, id), ...(await deviceFaults(deps, tenant, input))]);
      const { createdAt, secretHash, keysSealed, mounts } = current;
      const record: DeviceRecord = { ...input, createdAt, secretHash, keysSealed, mounts };
      await deps.registry.devices.put(tenant, record);
      await announce(deps, tenant, { kind: 'device', id });
      void reply.header('etag', etagOf(withoutSecret(record)));
      return withoutSecret(record);
    },
  });
}

function addSecret(deps: ApiDeps): void {
  deps.http.post('/v1/devices/:id/secret', {
    preHandler: allow(...ENGINEERS),
    schema: {
      summary: 'Renew the secret of a device and disconnect it',
      params: IdParams,
      response: { 200: DeviceCreated },
    },
    handler: async (request) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      const current = found(await deps.registry.devices.get(tenant, id), 'device', id);
      const secret = newSecret();
      await deps.registry.devices.put(tenant, { ...current, secretHash: hashSecret(secret) });
      await announce(deps, tenant, { kind: 'device', id });
      return { ...withoutSecret(current), secret };
    },
  });
}

function addDelete(deps: ApiDeps): void {
  deps.http.delete('/v1/devices/:id', {
    preHandler: allow(...ENGINEERS),
    schema: { summary: 'Remove a device; its readings stay', params: IdParams, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      checkMatch(request, withoutSecret(found(await deps.registry.devices.get(tenant, id), 'device', id)));
      await deps.registry.devices.delete(tenant, id);
      await announce(deps, tenant, { kind: 'device', id, deleted: true });
      return reply.status(204).send(null);
    },
  });
}

async function deviceFaults(
  { registry, sensorTypes }: ApiDeps,
  tenant: string,
  device: DeviceInput,
): Promise<(Fault | undefined)[]> {
  const { id, typeId, externalIds = {}, assetId, chamber } = device;
  const asset = assetId === undefined ? undefined : await registry.assets.get(tenant, assetId);
  const { devEui, imei, networkId } = externalIds;
  const euiOwner = devEui === undefined ? undefined : await registry.findDevice({ devEui });
  const imeiOwner = imei === undefined ? undefined : await registry.findDevice({ imei });
  const networkIdOwner = networkId === undefined ? undefined : await registry.findDevice({ networkId });
  const hasChamber = chamber === undefined || !asset || asset.chambers.some((one) => one.id === chamber);
  const taken = (owner: { device: DeviceRecord } | undefined): boolean => owner !== undefined && owner.device.id !== id;
  return [
    sensorTypes.list().some((type) => type.id === typeId)
      ? undefined
      : faultOf('typeId', `there is no sensor type "${typeId}"; GET /v1/sensor-types lists them`),
    assetId === undefined || asset ? undefined : faultOf('assetId', `there is no asset "${assetId}"`),
    hasChamber ? undefined : faultOf('chamber', `the asset has no chamber "${chamber}"`),
    taken(euiOwner) ? faultOf('externalIds.devEui', 'belongs to another device') : undefined,
    taken(imeiOwner) ? faultOf('externalIds.imei', 'belongs to another device') : undefined,
    taken(networkIdOwner) ? faultOf('externalIds.networkId', 'belongs to another device') : undefined,
  ];
}

function withoutSecret({ secretHash: _hidden, keysSealed, mounts: _history, ...device }: DeviceRecord): Device {
  const status = device.status ?? (device.assetId === undefined ? 'in-stock' : 'installed');
  return { ...device, status, hasKeys: keysSealed !== undefined };
}
