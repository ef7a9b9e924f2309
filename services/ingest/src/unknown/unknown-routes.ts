import { z } from 'zod';
import {
  AdoptInput,
  Adopted,
  Id,
  PageQuery,
  RondeError,
  SensorTypeFiles,
  UnknownDevice,
  pageOf,
} from '@ronde/contracts';
import { allow, type HttpServer } from '@ronde/kit';
import { draftType } from '@ronde/sensor-types';
import type { Adopter } from './adopt.ts';
import type { TypeSuggester } from './suggest-types.ts';
import type { UnknownDevices } from './unknown-devices.ts';

export interface UnknownRouteParts {
  unknown: UnknownDevices;
  suggester: TypeSuggester;
  adopter: Adopter;
}

const staff = allow('operator', 'engineer', 'admin');
const engineers = allow('engineer', 'admin');
const params = z.object({ id: Id });
const tags = ['unknown devices'];
const ListQuery = PageQuery.extend({
  dismissed: z.enum(['true', 'false']).default('false').describe('true lists those that somebody put aside'),
  source: UnknownDevice.shape.source.optional(),
});

/** Adds the routes about devices that send and are not registered. */
export function addUnknownRoutes(http: HttpServer, parts: UnknownRouteParts): void {
  addReads(http, parts);
  addWrites(http, parts);
}

function addReads(http: HttpServer, { unknown, suggester }: UnknownRouteParts): void {
  const suggested = async (device: UnknownDevice): Promise<UnknownDevice> => ({
    ...device,
    suggestedTypeIds: await suggester.suggest(device),
  });
  http.get(
    '/v1/unknown-devices',
    {
      preHandler: staff,
      schema: {
        tags,
        summary: 'Devices that send and are not registered, the one heard last first',
        querystring: ListQuery,
        response: { 200: pageOf(UnknownDevice) },
      },
    },
    async ({ principal, query: { limit, cursor, dismissed, source } }) => {
      const all = (await unknown.list(principal.tenant)).filter(
        (device) =>
          (device.dismissed === true) === (dismissed === 'true') && (source === undefined || device.source === source),
      );
      const from = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
      const items: UnknownDevice[] = [];
      for (const device of all.slice(from, from + limit)) items.push(await suggested(device));
      return { items, ...(from + limit < all.length && { next: items.at(-1)!.id }) };
    },
  );
  http.get(
    '/v1/unknown-devices/:id',
    { preHandler: staff, schema: { tags, summary: 'Show one of them', params, response: { 200: UnknownDevice } } },
    async ({ principal, params: { id } }) => suggested(await found(unknown, principal.tenant, id)),
  );
  http.get(
    '/v1/unknown-devices/:id/type-draft',
    {
      preHandler: engineers,
      schema: {
        tags,
        summary: 'Draft a sensor type from what it sent, with its messages as examples',
        params,
        response: { 200: SensorTypeFiles },
      },
    },
    async ({ principal, params: { id } }) => draftType(await found(unknown, principal.tenant, id)),
  );
}

function addWrites(http: HttpServer, { unknown, adopter }: UnknownRouteParts): void {
  http.post(
    '/v1/unknown-devices/:id/adopt',
    {
      preHandler: engineers,
      schema: {
        tags,
        summary: 'Register it, and read what it sent before; the answer shows its secret this once',
        params,
        body: AdoptInput,
        response: { 201: Adopted },
      },
    },
    async ({ principal, params: { id }, body }, reply) => {
      const adopted = await adopter.adopt(principal.tenant, id, body);
      void reply.status(201).header('location', `/v1/devices/${adopted.id}`);
      return adopted;
    },
  );
  http.delete(
    '/v1/unknown-devices/:id',
    {
      preHandler: engineers,
      schema: { tags, summary: 'Put it aside: not ours', params, response: { 204: z.null() } },
    },
    async ({ principal, params: { id } }, reply) => {
      if (!(await unknown.dismiss(principal.tenant, id))) throw unknownDevice(id);
      return reply.status(204).send(null);
    },
  );
}

async function found(unknown: UnknownDevices, tenant: string, id: string): Promise<UnknownDevice> {
  const device = await unknown.get(tenant, id);
  if (!device) throw unknownDevice(id);
  return device;
}

function unknownDevice(id: string): RondeError {
  return new RondeError('RESOURCE_UNKNOWN', `there is no unknown device "${id}"`);
}
