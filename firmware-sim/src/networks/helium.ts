import { base64, devAddrOf, euiOf, uuidOf } from './format.ts';
import type { Network } from './model.ts';

/** The Helium Console's HTTP integration. */
export const helium: Network = {
  id: 'helium',
  source: 'helium',
  transport: 'http',
  carries: 'bytes',
  counterBits: 32,
  maxBytes: 222,
  lossy: true,
  joins: true,
  namesOf: (index) => ({ devEui: euiOf(index) }),
  up({ ids, uplink, air, fCnt, session, atMs }) {
    const body = {
      app_eui: '72F0DE0000000000',
      dev_eui: ids.devEui.toUpperCase(),
      devaddr: devAddrOf(ids.deviceId, session).toUpperCase(),
      fcnt: fCnt,
      port: uplink.fPort,
      payload: base64(uplink.bytes),
      payload_size: uplink.bytes.length,
      id: uuidOf(ids.deviceId),
      uuid: uuidOf(`${ids.deviceId}/${session}/${fCnt}`),
      name: ids.deviceId,
      reported_at: atMs,
      hotspots: air.receptions.map(({ gateway, rssi, snr, gatewayMs }) => ({
        id: `11${gateway.eui}`,
        name: gateway.id,
        frequency: air.frequencyHz / 1e6,
        reported_at: gatewayMs ?? atMs,
        rssi,
        snr,
        spreading: `SF${air.spreadingFactor}BW125`,
        status: 'success',
      })),
      metadata: { labels: [] },
    };
    return [{ to: '', body: JSON.stringify(body) }];
  },
};
