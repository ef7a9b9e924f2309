import { devAddrOf, digest, euiOf, hex, isoNanos } from './format.ts';
import type { Network } from './model.ts';

/** Actility ThingPark's tunnel interface: one report by HTTP. */
export const thingpark: Network = {
  id: 'thingpark',
  source: 'thingpark',
  transport: 'http',
  carries: 'bytes',
  counterBits: 32,
  maxBytes: 222,
  lossy: true,
  joins: true,
  namesOf: (index) => ({ devEui: euiOf(index) }),
  up({ ids, uplink, air, fCnt, session, atMs, late }) {
    const lrrs = air.receptions.map(({ gateway, rssi, snr }) => ({
      Lrrid: gateway.eui.slice(-8).toUpperCase(),
      Chain: 0,
      LrrRSSI: rssi,
      LrrSNR: snr,
      LrrESP: Number((rssi + snr - 10 * Math.log10(1 + 10 ** (snr / 10))).toFixed(4)),
    }));
    const best = lrrs[0]!;
    const report = {
      Time: isoNanos(atMs, 0).replace('000000Z', '+00:00'),
      DevEUI: ids.devEui.toUpperCase(),
      FPort: uplink.fPort,
      FCntUp: fCnt,
      LostUplinksAS: 0,
      ADRbit: 1,
      MType: 2,
      FCntDn: session,
      payload_hex: hex(uplink.bytes),
      mic_hex: digest(`${ids.deviceId}/${session}/${fCnt}`).slice(0, 8),
      Lrcid: '00000211',
      LrrRSSI: best.LrrRSSI,
      LrrSNR: best.LrrSNR,
      LrrESP: best.LrrESP,
      SpFact: air.spreadingFactor,
      SubBand: 'G0',
      Channel: `LC${air.receptions[0]!.channel + 1}`,
      Lrrid: best.Lrrid,
      Late: late ? 1 : 0,
      Lrrs: { Lrr: lrrs },
      DevLrrCnt: lrrs.length,
      CustomerID: '100045194',
      ModelCfg: '0',
      InstantPER: 0,
      MeanPER: 0.03,
      DevAddr: devAddrOf(ids.deviceId, session).toUpperCase(),
      NbTrans: 1,
      Frequency: air.frequencyHz / 1e6,
      DynamicClass: 'A',
    };
    return [{ to: '', body: JSON.stringify({ DevEUI_uplink: report }) }];
  },
};
