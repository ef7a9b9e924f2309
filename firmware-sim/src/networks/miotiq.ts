import { base64, digitsOf } from './format.ts';
import type { Network } from './model.ts';

/** MioTiq's relay of NB-IoT datagrams: the SIM card names the device. */
export const miotiq: Network = {
  id: 'miotiq',
  source: 'miotiq',
  transport: 'http',
  carries: 'bytes',
  counterBits: 32,
  maxBytes: 1_024,
  onlyPort: 'none',
  lossy: false,
  joins: false,
  // 204 08: an operator of the Netherlands
  namesOf: (index) => ({ networkId: digitsOf(index, '204080', 15) }),
  up({ ids, uplink, atMs }) {
    const body = {
      customerId: '123456789012345',
      rcvTime: Math.floor(atMs / 1000),
      srcImsi: ids.networkId,
      srcIP: '10.10.10.10',
      srcPort: '28898',
      payload: base64(uplink.bytes),
    };
    return [{ to: '', body: JSON.stringify(body) }];
  },
};
