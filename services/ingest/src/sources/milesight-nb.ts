import { SOURCE_TOPICS, type Uplink } from '@ronde/contracts';
import { accepted, fault, isRecord, malformed, type SourceParser } from './parsed.ts';
import { radioOf } from './radio.ts';

/*
 * "NB-IoT Data Frame" of Milesight's EM400-UDL user guide: 02 0001, length, flag, frame count, protocol version, firmware,
 * hardware, serial number, IMEI, IMSI, ICCID, signal (CSQ), length of the sensor data, sensor data; big endian.
 */
const HEAD_BYTES = 86;
const AT = {
  length: 3,
  flag: 5,
  frameCount: 6,
  firmware: 9,
  serialNumber: 17,
  imei: 33,
  csq: 83,
  dataLength: 84,
} as const;
const IMEI_DIGITS = 15;
const REMEDY = 'compare the frame with "NB-IoT Data Frame" of the device\'s user guide';
// the sensor data is that of the same device with LoRa, whose port is always this one
const PORT = 85;
const CSQ_UNKNOWN = 99;

/** A frame cut into its parts; `reports` in the order they stand in. */
interface MilesightFrame {
  milesightFrame: true;
  frameCount: number;
  imei: string;
  csq: number;
  dataLength: number;
  reports: Uint8Array[];
}

/** Reads the binary frame of Milesight's NB-IoT devices, over MQTT, webhook or a relay; one frame may hold several reports. */
export const milesightNb: SourceParser = {
  source: 'milesight-nb',
  matches: (topic) => SOURCE_TOPICS['milesight-nb']!.test(topic),
  recognise: (message) => (isFrame(message) ? 'milesight-nb' : undefined),
  fromBytes: frameOf,
  parse(message, { deviceId }) {
    if (!isFrame(message)) return malformed([fault('message', 'is no Milesight NB-IoT frame', REMEDY)]);
    const { imei, dataLength, reports } = message;
    const held = reports.reduce((sum, report) => sum + report.length, 0);
    if (held < dataLength)
      return malformed([
        fault('message', `lacks ${dataLength - held} bytes`, 'send the frame whole: it was cut on its way'),
      ]);
    const device = deviceId !== undefined ? { deviceId } : /^\d{15}$/.test(imei) ? { imei } : undefined;
    if (!device) return malformed([fault('imei', 'is not 15 digits', REMEDY)]);
    return accepted(reports.map((bytes, index) => toUplink(message, device, { bytes, index })));
  },
};

function toUplink(
  { frameCount, csq, reports }: MilesightFrame,
  device: Uplink['device'],
  { bytes, index }: { bytes: Uint8Array; index: number },
): Uplink {
  return {
    source: 'milesight-nb',
    device,
    // two equal reports of one frame are two measurements
    session: reports.length > 1 ? `report ${index}` : '',
    fCnt: frameCount,
    counterBits: 16,
    fPort: PORT,
    bytes,
    values: [],
    atMs: null,
    radio: radioOf(csq < CSQ_UNKNOWN ? [{ rssi: -113 + 2 * csq, snr: null }] : []),
    ...(index < reports.length - 1 && { late: true }),
  };
}

export function isFrame(message: unknown): message is MilesightFrame {
  return isRecord(message) && message['milesightFrame'] === true && Array.isArray(message['reports']);
}

/** The three start bytes alone may be counts of another device: a frame also tells a length over its head, and versions in ASCII. */
function startsFrame(payload: Uint8Array): boolean {
  const lengthAfterFlag = payload.length < AT.flag ? NaN : payload[AT.length]! * 256 + payload[AT.length + 1]!;
  return (
    payload[0] === 0x02 &&
    payload[1] === 0 &&
    payload[2] === 1 &&
    lengthAfterFlag >= HEAD_BYTES - AT.flag &&
    payload.subarray(AT.firmware, AT.serialNumber).every((byte) => byte >= 0x20 && byte < 0x7f)
  );
}

function frameOf(payload: Uint8Array): MilesightFrame | undefined {
  if (!startsFrame(payload)) return undefined;
  const whole = payload.length >= HEAD_BYTES;
  // a frame cut within its head is still one of these, and says so when it is parsed
  const head = whole ? payload : new Uint8Array([...payload, ...new Uint8Array(HEAD_BYTES)]);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const dataLength = whole ? view.getUint16(AT.dataLength) : HEAD_BYTES - payload.length;
  return {
    milesightFrame: true,
    frameCount: view.getUint16(AT.frameCount),
    imei: Buffer.from(head.subarray(AT.imei, AT.imei + IMEI_DIGITS)).toString('latin1'),
    csq: head[AT.csq]!,
    dataLength,
    reports: whole ? reportsOf(payload.subarray(HEAD_BYTES, HEAD_BYTES + dataLength)) : [],
  };
}

// bytes that follow a channel's id and type; with the highest bit of the id set, an alarm state comes after the value
const VALUE_BYTES: Record<number, number> = { 0x00: 1, 0x01: 1, 0x67: 2, 0x68: 1, 0x75: 1, 0x82: 2, 0x88: 9 };
const ALARM = 0x80;

/**
 * Cuts sensor data where a channel number starts anew: stored reports follow each other without a mark between them.
 * From a channel of unknown length on nothing can be told, and the rest stays together.
 */
function reportsOf(data: Uint8Array): Uint8Array[] {
  const reports: Uint8Array[] = [];
  let [start, last] = [0, 0];
  for (let at = 0; at + 1 < data.length;) {
    const [id, type] = [data[at]!, data[at + 1]!];
    const length = VALUE_BYTES[type];
    if (length === undefined) break;
    const channel = id & 0x0f;
    if (channel <= last) {
      reports.push(data.slice(start, at));
      start = at;
    }
    last = channel;
    at += 2 + length + (id & ALARM ? 1 : 0);
  }
  return [...reports, data.slice(start)];
}
