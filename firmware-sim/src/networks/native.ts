import { base64 } from './format.ts';
import type { Network } from './model.ts';
import { uplinkTopic } from '@ronde/contracts';

const shared = {
  source: 'native',
  transport: 'mqtt',
  counterBits: 32,
  maxBytes: 2_048,
  lossy: false,
  joins: false,
  namesOf: () => ({}),
} as const;

/** Own devices that send their bytes. */
export function openNative(tenant: string): Network {
  return {
    ...shared,
    id: 'native',
    carries: 'bytes',
    up: ({ ids, uplink, fCnt, deviceMs }) => [
      {
        to: uplinkTopic(tenant, ids.deviceId),
        body: JSON.stringify({
          ...(deviceMs !== null && { at: new Date(deviceMs).toISOString() }),
          fPort: uplink.fPort,
          data: base64(uplink.bytes),
          fCnt,
        }),
      },
    ],
  };
}

/** Own devices that send values by the catalogue's names. */
export function openNativePlain(tenant: string): Network {
  return {
    ...shared,
    id: 'native-plain',
    carries: 'values',
    up: ({ ids, values, fCnt, deviceMs }) => [
      {
        to: uplinkTopic(tenant, ids.deviceId),
        body: JSON.stringify({
          ...(deviceMs !== null && { at: new Date(deviceMs).toISOString() }),
          seq: fCnt,
          ...Object.fromEntries(values),
        }),
      },
    ],
  };
}
