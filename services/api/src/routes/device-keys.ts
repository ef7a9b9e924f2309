import { Device, DeviceKeys, type DeviceRecord } from '@ronde/contracts';
import { allow, sealContext, type Sealer } from '@ronde/kit';
import { ADMINS, ENGINEERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { found } from '../faults.ts';
import { announce } from './context.ts';
import { shownDevice } from './device-records.ts';
import { IdParams } from './documents.ts';

/** Adds the LoRaWAN root keys of a device: written by engineers, read back by admins only, each time with a line in the log. */
export function addDeviceKeys(deps: ApiDeps): void {
  const { http, registry, sealer, log } = deps;
  http.put('/v1/devices/:id/keys', {
    preHandler: allow(...ENGINEERS),
    schema: {
      summary: 'Keep the LoRaWAN root keys of a device, encrypted; no keys = forget them',
      params: IdParams,
      body: DeviceKeys,
      response: { 200: Device },
    },
    handler: async (request) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      const device = found(await registry.devices.get(tenant, id), 'device', id);
      const record: DeviceRecord = { ...device, keysSealed: sealKeys(sealer, id, request.body) };
      await registry.devices.put(tenant, record);
      await announce(deps, tenant, { kind: 'device', id });
      return shownDevice(record);
    },
  });
  http.get('/v1/devices/:id/keys', {
    preHandler: allow(...ADMINS),
    schema: {
      summary: 'Read the LoRaWAN root keys of a device; each reading is logged',
      params: IdParams,
      response: { 200: DeviceKeys },
    },
    handler: async (request) => {
      const { tenant, tokenId } = request.principal;
      const { id } = request.params;
      const device = found(await registry.devices.get(tenant, id), 'device', id);
      log.warn({ device_id: id, token_id: tokenId }, 'api.device-keys.read');
      return keysOf(sealer, device);
    },
  });
}

/** Seals keys for one device; undefined when there are none. */
export function sealKeys(sealer: Sealer, deviceId: string, keys: DeviceKeys): string | undefined {
  const given = Object.entries(keys).filter(([, key]) => key !== undefined);
  return given.length === 0
    ? undefined
    : sealer.seal(JSON.stringify(Object.fromEntries(given)), sealContext.device(deviceId));
}

/** Opens the keys of a device. @throws RondeError STORE_CORRUPT when they were sealed under another key */
export function keysOf(sealer: Sealer, { id, keysSealed }: Pick<DeviceRecord, 'id' | 'keysSealed'>): DeviceKeys {
  return keysSealed === undefined ? {} : (JSON.parse(sealer.open(keysSealed, sealContext.device(id))) as DeviceKeys);
}
