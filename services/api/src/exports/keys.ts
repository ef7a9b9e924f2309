import { z } from 'zod';
import { allow } from '@ronde/kit';
import type { Where } from '@ronde/registry';
import { ADMINS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { keysOf } from '../routes/device-keys.ts';
import { sendRows, sendText, type Row } from './formats.ts';
import { paged } from './kinds.ts';
import { NETWORK_FORMATS, NETWORK_LISTS, NetworkQuery, type KeyedDevice } from './network-lists.ts';

const TABLE_FORMATS = ['csv', 'jsonl', 'xlsx'] as const;
export const KEY_FORMATS = [...TABLE_FORMATS, ...NETWORK_FORMATS];
const Query = z.object({
  format: z.enum(KEY_FORMATS).default('csv'),
  integrationId: z.string().optional().describe('Only devices of this integration'),
  ...NetworkQuery.shape,
});
const COLUMNS = ['id', 'typeId', 'name', 'serialNumber', 'devEui', 'joinEui', 'appKey', 'nwkKey'];

/** Adds the export of LoRaWAN root keys, also as lists that network servers import; for admins, each with a line in the log. */
export function addKeyExport(deps: ApiDeps): void {
  deps.http.get('/v1/exports/keys', {
    preHandler: allow(...ADMINS),
    schema: {
      summary: 'Export LoRaWAN devices with their root keys, as a table or as a list for a network server; logged',
      querystring: Query,
    },
    handler: async (request, reply) => {
      const { tenant, tokenId } = request.principal;
      const { format, integrationId, ...network } = request.query;
      deps.log.warn({ token_id: tokenId, format }, 'api.device-keys.export');
      const devices = keyedDevices(deps, tenant, integrationId);
      if (isTable(format)) return sendRows(reply, { name: 'keys', format, columns: COLUMNS, rows: rowsOf(devices) });
      const { file, media, head, line } = NETWORK_LISTS[format];
      const lines = async function* (): AsyncGenerator<string> {
        if (head !== undefined) yield head;
        for await (const one of devices) yield line(one, network);
      };
      return sendText(reply, { name: file, media, lines: lines() });
    },
  });
}

function isTable(format: (typeof KEY_FORMATS)[number]): format is (typeof TABLE_FORMATS)[number] {
  return (TABLE_FORMATS as readonly string[]).includes(format);
}

async function* keyedDevices(
  { registry, sealer }: ApiDeps,
  tenant: string,
  integrationId: string | undefined,
): AsyncGenerator<KeyedDevice> {
  const where: Where = integrationId === undefined ? {} : { integrationId };
  for await (const device of paged((page) => registry.devices.list(tenant, { ...page, where })))
    if (device.externalIds?.devEui !== undefined) yield { device, keys: keysOf(sealer, device) };
}

async function* rowsOf(devices: AsyncGenerator<KeyedDevice>): AsyncGenerator<Row> {
  for await (const { device, keys } of devices) {
    const { id, typeId, name, serialNumber, joinEui, externalIds } = device;
    yield { id, typeId, name, serialNumber, devEui: externalIds?.devEui, joinEui, ...keys };
  }
}
