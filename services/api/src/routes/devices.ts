import { z } from 'zod';
import { Device, DeviceCreated, DeviceFilter, DeviceInput, Id, PageQuery, RondeError, pageOf } from '@ronde/contracts';
import { allow, checkMatch, etagOf, sendTagged } from '@ronde/kit';
import { hashSecret, newSecret } from '@ronde/registry';
import { ENGINEERS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { found } from '../faults.ts';
import { announce } from './context.ts';
import { addDeviceBulk } from './device-bulk.ts';
import { addDeviceLabels } from './device-labels.ts';
import { addDeviceKeys } from './device-keys.ts';
import { listDevices } from './device-list.ts';
import { addDeviceMounts } from './device-mounts.ts';
import {
  deviceFaults,
  judged,
  newRecord,
  replacedRecord,
  sharingWarnings,
  shownDevice,
  surroundingsOf,
} from './device-records.ts';
import { IdParams, sameId } from './documents.ts';

const Filters = PageQuery.extend(DeviceFilter.shape);

/** Adds devices; a device's secret is shown when it is made or renewed, and never again. */
export function addDevices(deps: ApiDeps): void {
  addReads(deps);
  addCreate(deps);
  addReplace(deps);
  addSecret(deps);
  addDelete(deps);
  addDeviceMounts(deps);
  addDeviceKeys(deps);
  addDeviceBulk(deps);
  addDeviceLabels(deps);
}

function addReads({ http, registry }: ApiDeps): void {
  http.get('/v1/devices', {
    preHandler: allow(...STAFF),
    schema: { summary: 'List devices', querystring: Filters, response: { 200: pageOf(Device) } },
    handler: (request) => listDevices(registry, request.principal.tenant, request.query),
  });
  http.get('/v1/devices/:id', {
    preHandler: allow(...STAFF),
    schema: { summary: 'Read a device', params: IdParams, response: { 200: Device } },
    handler: async (request, reply) => {
      const { id } = request.params;
      const device = shownDevice(found(await registry.devices.get(request.principal.tenant, id), 'device', id));
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
      const around = await surroundingsOf(deps, tenant, [request.body]);
      const secret = newSecret();
      const record = judged(
        newRecord(request.body, { createdAt: deps.clock.iso(), secretHash: hashSecret(secret) }),
        deviceFaults(deps, around, request.body),
      );
      if (!(await deps.registry.devices.insert(tenant, record))) {
        throw new RondeError('RESOURCE_EXISTS', `the device id "${record.id}" is taken`);
      }
      await announce(deps, tenant, { kind: 'device', id: record.id });
      const shown = shownDevice(record);
      void reply.status(201).header('location', `/v1/devices/${record.id}`).header('etag', etagOf(shown));
      return { ...withWarnings(shown, sharingWarnings(deps, around, record)), secret };
    },
  });
}

function addReplace(deps: ApiDeps): void {
  deps.http.put('/v1/devices/:id', {
    preHandler: allow(...ENGINEERS),
    schema: {
      summary: 'Replace a device; its secret, keys and history stay, another asset is a move',
      params: IdParams,
      body: DeviceInput.extend({ id: Id.optional() }),
      response: { 200: Device },
    },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      const current = found(await deps.registry.devices.get(tenant, id), 'device', id);
      checkMatch(request, shownDevice(current));
      const input = { ...request.body, id };
      const around = await surroundingsOf(deps, tenant, [input]);
      const record = judged(replacedRecord(current, input, deps.clock.iso()), [
        sameId(request.body.id, id),
        ...deviceFaults(deps, around, input),
      ]);
      await deps.registry.devices.put(tenant, record);
      await announce(deps, tenant, { kind: 'device', id });
      const shown = shownDevice(record);
      void reply.header('etag', etagOf(shown));
      return withWarnings(shown, sharingWarnings(deps, around, record));
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
      return { ...shownDevice(current), secret };
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
      checkMatch(request, shownDevice(found(await deps.registry.devices.get(tenant, id), 'device', id)));
      await deps.registry.devices.delete(tenant, id);
      await announce(deps, tenant, { kind: 'device', id, deleted: true });
      return reply.status(204).send(null);
    },
  });
}

function withWarnings(device: Device, warnings: string[]): Device {
  return warnings.length > 0 ? { ...device, warnings } : device;
}
