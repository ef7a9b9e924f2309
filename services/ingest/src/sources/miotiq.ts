import { z } from 'zod';
import { Base64Bytes, NumberLike, fromEpoch } from './fields.ts';
import { milesightNb } from './milesight-nb.ts';
import { accepted, faultsOf, isRecord, malformed, type Parsed, type SourceParser } from './parsed.ts';

const REMEDY = 'compare the message with MioTiq\'s relay: {"customerId", "rcvTime", "srcImsi", "payload": base64}';
const Message = z.looseObject({
  // a virtual device of the portal has a name in place of an IMSI
  srcImsi: z.string().min(1).max(64),
  rcvTime: NumberLike.nullish(),
  payload: Base64Bytes,
});

/** Reads what MioTiq relays for NB-IoT devices: the bytes of a UDP datagram with the SIM that sent it. */
export const miotiq: SourceParser = {
  source: 'miotiq',
  matches: () => false,
  recognise: (message) =>
    isRecord(message) && 'srcImsi' in message && ('payload' in message || 'customerId' in message)
      ? 'miotiq'
      : undefined,
  parse(message, context) {
    const read = Message.safeParse(message);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const { srcImsi, rcvTime, payload } = read.data;
    const inner = milesightNb.fromBytes!(payload, context);
    if (inner !== undefined) return fromFrame(milesightNb.parse(inner, context), srcImsi, fromEpoch(rcvTime));
    return accepted([
      {
        source: 'miotiq',
        device: { networkId: srcImsi, orDeviceId: srcImsi },
        session: '',
        fCnt: null,
        fPort: null,
        bytes: payload,
        values: [],
        atMs: fromEpoch(rcvTime),
        radio: null,
      },
    ]);
  },
};

/** A Milesight frame inside the datagram has a counter of its own; who sent it is still the SIM. */
function fromFrame(parsed: Parsed, imsi: string, atMs: number | null): Parsed {
  if (parsed.kind !== 'read') return parsed;
  const device = { networkId: imsi, orDeviceId: imsi };
  const last = parsed.uplinks.length - 1;
  const uplinks = parsed.uplinks.map((uplink, index) => ({
    ...uplink,
    source: 'miotiq' as const,
    device,
    // only the newest report was just measured
    atMs: index === last ? (uplink.atMs ?? atMs) : uplink.atMs,
  }));
  return { ...parsed, uplinks };
}
