import { z } from 'zod';
import { SOURCE_TOPICS, type NetworkEvent, type Uplink } from '@ronde/contracts';
import { Base64Bytes, Counter, Eui, Port, RadioNumber, SomeText, fromEpoch, lenientList } from './fields.ts';
import { accepted, faultsOf, isRecord, malformed, told, type SourceParser } from './parsed.ts';
import { dataRateOf, gatewayId, radioOf } from './radio.ts';

const REMEDY = 'compare the message with the JSON schema of the Helium Console (docs.helium.com)';
const Head = z.looseObject({ dev_eui: Eui, devaddr: SomeText, reported_at: RadioNumber });
const Message = Head.extend({
  fcnt: Counter,
  port: Port,
  payload: Base64Bytes,
  hotspots: lenientList(
    z.looseObject({ id: SomeText, name: SomeText, rssi: RadioNumber, snr: RadioNumber, spreading: SomeText }),
  ),
});

/** Reads the Helium Console of old; Helium now gives its users ChirpStack. */
export const helium: SourceParser = {
  source: 'helium',
  matches: (topic) => SOURCE_TOPICS['helium']!.test(topic),
  recognise: (message) =>
    isRecord(message) && 'dev_eui' in message && ('hotspots' in message || 'app_eui' in message) ? 'helium' : undefined,
  parse(message) {
    if (isRecord(message) && message['type'] === 'join') {
      const head = Head.safeParse(message);
      if (!head.success) return malformed(faultsOf(head.error, REMEDY));
      return told(toJoin(head.data));
    }
    const read = Message.safeParse(message);
    return read.success ? accepted([toUplink(read.data)]) : malformed(faultsOf(read.error, REMEDY));
  },
};

function toJoin({ dev_eui, devaddr, reported_at }: z.infer<typeof Head>): NetworkEvent {
  const about = { source: 'helium', device: { devEui: dev_eui }, atMs: fromEpoch(reported_at) } as const;
  return { ...about, kind: 'join', session: devaddr ?? '' };
}

function toUplink(message: z.infer<typeof Message>): Uplink {
  return {
    source: 'helium',
    device: { devEui: message.dev_eui },
    session: message.devaddr ?? '',
    fCnt: message.fcnt,
    fPort: message.port,
    bytes: message.payload,
    values: [],
    atMs: fromEpoch(message.reported_at),
    radio: radioOf(
      message.hotspots.map(({ id, name, rssi, snr }) => ({ id: gatewayId(id ?? name), rssi, snr })),
      dataRateOf(message.hotspots[0]?.spreading),
    ),
  };
}
