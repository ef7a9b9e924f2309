import { z } from 'zod';
import { Downlink, DownlinkInput, Id, PageQuery, RondeError, SettingSummary, pageOf } from '@ronde/contracts';
import { allow, type HttpServer } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { settingsOf, type SensorTypes } from '@ronde/sensor-types';
import type { Downlinks } from './downlinks.ts';

export interface DownlinkRouteParts {
  registry: Pick<Registry, 'devices' | 'downlinks'>;
  sensorTypes: Pick<SensorTypes, 'get'>;
  downlinks: Downlinks;
}

const engineers = allow('engineer', 'admin');
const staff = allow('viewer', 'operator', 'engineer', 'admin');
const params = z.object({ id: Id });
const tags = ['downlinks'];
const ListQuery = PageQuery.extend({ deviceId: Id.optional(), status: Downlink.shape.status.optional() });

/** Adds the routes about settings of devices: what can be set, what was sent, and what became of it. */
export function addDownlinkRoutes(http: HttpServer, { registry, sensorTypes, downlinks }: DownlinkRouteParts): void {
  http.get(
    '/v1/devices/:id/settings',
    {
      preHandler: staff,
      schema: {
        tags,
        summary: 'What can be set on a device',
        params,
        response: { 200: z.object({ items: z.array(SettingSummary) }) },
      },
    },
    async ({ principal, params: { id } }) => {
      const device = await registry.devices.get(principal.tenant, id);
      if (!device) throw new RondeError('RESOURCE_UNKNOWN', `there is no device "${id}"`);
      const type = sensorTypes.get(device.typeId);
      return { items: type ? settingsOf(type) : [] };
    },
  );
  http.post(
    '/v1/devices/:id/downlinks',
    {
      preHandler: engineers,
      schema: {
        tags,
        summary: 'Send a setting to a device; follow it by its id',
        params,
        body: DownlinkInput,
        response: { 201: Downlink },
      },
    },
    async ({ principal, params: { id }, body }, reply) => {
      const downlink = await downlinks.send(principal.tenant, id, body, principal.tokenId);
      void reply.status(201).header('location', `/v1/downlinks/${downlink.id}`);
      return downlink;
    },
  );
  http.get(
    '/v1/downlinks',
    {
      preHandler: staff,
      schema: {
        tags,
        summary: 'List downlinks, the newest first',
        querystring: ListQuery,
        response: { 200: pageOf(Downlink) },
      },
    },
    async ({ principal, query: { limit, cursor, deviceId, status } }) =>
      registry.downlinks.list(principal.tenant, {
        limit,
        cursor,
        where: { ...(deviceId && { deviceId }), ...(status && { status }) },
        descending: true,
      }),
  );
  http.get(
    '/v1/downlinks/:id',
    { preHandler: staff, schema: { tags, summary: 'How a downlink stands', params, response: { 200: Downlink } } },
    async ({ principal, params: { id } }) => {
      const downlink = await registry.downlinks.get(principal.tenant, id);
      if (!downlink) throw new RondeError('RESOURCE_UNKNOWN', `there is no downlink "${id}"`);
      return downlink;
    },
  );
  http.delete(
    '/v1/downlinks/:id',
    {
      preHandler: engineers,
      schema: {
        tags,
        summary: 'Take back a downlink that the network has not taken yet',
        params,
        response: { 200: Downlink },
      },
    },
    async ({ principal, params: { id } }) => downlinks.cancel(principal.tenant, id),
  );
}
