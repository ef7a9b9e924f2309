import { z } from 'zod';
import { Eui, HexBytes, bestRadio, firstTime } from './fields.ts';
import { accepted, faultsOf, isRecord, malformed, type SourceParser } from './parsed.ts';

const REMEDY = 'compare the message with the DevEUI_uplink report of the ThingPark tunnel interface (JSON)';
// older ThingPark versions write numbers as text
const number = z.coerce.number().nullish();
const Message = z.looseObject({
  DevEUI_uplink: z.looseObject({
    DevEUI: Eui,
    DevAddr: z.string().optional(),
    Time: z.string().optional(),
    FPort: number,
    FCntUp: number,
    payload_hex: HexBytes,
    LrrRSSI: number,
    LrrSNR: number,
    Lrrs: z.looseObject({ Lrr: z.array(z.looseObject({ LrrRSSI: number, LrrSNR: number })).optional() }).optional(),
  }),
});

/** Reads Actility ThingPark's HTTP reports; only uplinks carry measurements. */
export const thingpark: SourceParser = {
  source: 'thingpark',
  matches: () => false,
  recognise: (message) =>
    isRecord(message) && Object.keys(message).some((key) => key.startsWith('DevEUI_')) ? 'thingpark' : undefined,
  parse(message) {
    if (isRecord(message) && !('DevEUI_uplink' in message)) {
      const event = Object.keys(message).find((key) => key.startsWith('DevEUI_'));
      if (event) return { kind: 'ignored', event };
    }
    const read = Message.safeParse(message);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const { DevEUI_uplink: uplink } = read.data;
    const own = { LrrRSSI: uplink.LrrRSSI, LrrSNR: uplink.LrrSNR };
    const gateways = uplink.Lrrs?.Lrr?.length ? uplink.Lrrs.Lrr : [own];
    return accepted([
      {
        source: 'thingpark',
        device: { devEui: uplink.DevEUI },
        session: uplink.DevAddr ?? '',
        fCnt: uplink.FCntUp ?? 0,
        fPort: uplink.FPort ?? 0,
        bytes: uplink.payload_hex,
        values: [],
        atMs: firstTime(uplink.Time),
        radio: bestRadio(gateways.map(({ LrrRSSI, LrrSNR }) => ({ rssi: LrrRSSI, snr: LrrSNR }))),
      },
    ]);
  },
};
