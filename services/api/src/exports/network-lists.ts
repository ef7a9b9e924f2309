import { z } from 'zod';
import type { DeviceKeys, DeviceRecord } from '@ronde/contracts';

/** Forms in which network servers take many devices at once. */
export const NETWORK_FORMATS = ['things-stack-csv', 'things-stack-json', 'chirpstack-json'] as const;
export type NetworkFormat = (typeof NETWORK_FORMATS)[number];

export const NetworkQuery = z.object({
  frequencyPlanId: z.string().max(60).default('EU_863_870_TTN').describe('The Things Stack'),
  lorawanVersion: z.string().max(30).default('MAC_V1_0_3').describe('The Things Stack'),
  lorawanPhyVersion: z.string().max(30).default('PHY_V1_0_3_REV_A').describe('The Things Stack'),
  applicationId: z.string().max(60).default('').describe('ChirpStack'),
  deviceProfileId: z.string().max(60).default('').describe('ChirpStack'),
});
export type NetworkQuery = z.infer<typeof NetworkQuery>;

/** A LoRaWAN device with its root keys. */
export interface KeyedDevice {
  device: DeviceRecord;
  keys: DeviceKeys;
}

interface NetworkList {
  file: string;
  media: string;
  head?: string;
  line(one: KeyedDevice, query: NetworkQuery): string;
}

/** LoRaWAN 1.0.4 §6.1.1.1: where nobody told the join server's number it is all zeros. */
const NO_JOIN_EUI = '0000000000000000';

export const NETWORK_LISTS: Record<NetworkFormat, NetworkList> = {
  // thethingsindustries.com/docs, "CSV File Reference": semicolons, a heading, the named columns
  'things-stack-csv': {
    file: 'things-stack.csv',
    media: 'text/csv; charset=utf-8',
    head: 'id;dev_eui;join_eui;name;lorawan_version;lorawan_phy_version;frequency_plan_id;app_key;nwk_key\r\n',
    line: ({ device, keys }, query) =>
      `${[
        thingsStackId(device),
        upper(device.externalIds?.devEui),
        upper(device.joinEui ?? NO_JOIN_EUI),
        device.name ?? device.id,
        query.lorawanVersion,
        query.lorawanPhyVersion,
        query.frequencyPlanId,
        upper(keys.appKey),
        upper(keys.nwkKey),
      ]
        .map(cell)
        .join(';')}\r\n`,
  },
  // "JSON File Reference": a stream of objects, one after the other
  'things-stack-json': {
    file: 'things-stack.json',
    media: 'application/json',
    line: ({ device, keys }, query) =>
      `${JSON.stringify({
        ids: {
          device_id: thingsStackId(device),
          dev_eui: upper(device.externalIds?.devEui),
          join_eui: upper(device.joinEui ?? NO_JOIN_EUI),
        },
        name: device.name ?? device.id,
        lorawan_version: query.lorawanVersion,
        lorawan_phy_version: query.lorawanPhyVersion,
        frequency_plan_id: query.frequencyPlanId,
        supports_join: true,
        root_keys: {
          ...(keys.appKey && { app_key: { key: upper(keys.appKey) } }),
          ...(keys.nwkKey && { nwk_key: { key: upper(keys.nwkKey) } }),
        },
      })}\n`,
  },
  // ChirpStack v4 API, DeviceService.Create and .CreateKeys: one body of each per device and line
  'chirpstack-json': {
    file: 'chirpstack.jsonl',
    media: 'application/jsonl',
    line: ({ device, keys }, { applicationId, deviceProfileId }) => {
      const devEui = device.externalIds?.devEui;
      return `${JSON.stringify({
        device: {
          devEui,
          name: device.name ?? device.id,
          applicationId,
          deviceProfileId,
          joinEui: device.joinEui ?? NO_JOIN_EUI,
          tags: { rondeId: device.id, rondeType: device.typeId },
        },
        // for LoRaWAN 1.0.x ChirpStack keeps the one root key under nwkKey
        deviceKeys: { devEui, nwkKey: keys.nwkKey ?? keys.appKey, ...(keys.nwkKey && { appKey: keys.appKey }) },
      })}\n`;
    },
  },
};

/** Lower case, digits and single hyphens, 2 to 36 of them; what cannot be made so becomes its devEUI, as their console does. */
function thingsStackId({ id, externalIds }: DeviceRecord): string {
  const plain = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return plain.length >= 2 && plain.length <= 36 ? plain : `eui-${externalIds?.devEui}`;
}

function cell(text: string): string {
  return /[;"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function upper(hex: string | undefined): string {
  return (hex ?? '').toUpperCase();
}
