import { digest, digitsOf } from './format.ts';
import type { Delivery, Message, Network } from './model.ts';

const HEAD_BYTES = 5;
const FIXED_BYTES = 81;

/**
 * Milesight's NB-IoT frame (EM400 user guide, "NB-IoT Data Frame"), big endian: start 02, id 0001, length of what follows,
 * flag, frame count, protocol 1, firmware, hardware, serial number, IMEI, IMSI and ICCID as text, signal, payload length.
 * Reports that waited stand before the newest one, with nothing between them.
 */
export const milesightNb: Network = {
  id: 'milesight-nb',
  source: 'milesight-nb',
  transport: 'mqtt',
  carries: 'bytes',
  counterBits: 16,
  maxBytes: 1_024,
  onlyPort: 85,
  lossy: false,
  joins: false,
  namesOf: (index) => ({ imei: digitsOf(index, '868508', 15) }),
  up: (delivery) => frameOf([delivery]),
  batch: frameOf,
};

function frameOf(deliveries: readonly Delivery[]): Message[] {
  const { ids, air, fCnt } = deliveries.at(-1)!;
  const data = Buffer.concat(deliveries.map(({ uplink }) => uplink.bytes));
  const frame = Buffer.alloc(HEAD_BYTES + FIXED_BYTES + data.length);
  let at = 0;
  at = frame.writeUInt8(0x02, at);
  at = frame.writeUInt16BE(1, at);
  at = frame.writeUInt16BE(frame.length - HEAD_BYTES, at);
  at = frame.writeUInt8(0, at);
  at = frame.writeUInt16BE(fCnt, at);
  at = frame.writeUInt8(1, at);
  const serial = digest(ids.deviceId).toUpperCase();
  for (const text of ['0101', '0110', serial, ids.imei, `20408${ids.imei.slice(5)}`, `89310${ids.imei}`])
    at += frame.write(text, at, 'ascii');
  // CSQ 0 … 31 in steps of 2 dB from -113 dBm
  at = frame.writeUInt8(Math.max(0, Math.min(31, Math.round((air.receptions[0]!.rssi + 113) / 2))), at);
  at = frame.writeUInt16BE(data.length, at);
  frame.set(data, at);
  return [{ to: `milesight-nb/${ids.imei}/up`, body: frame }];
}
