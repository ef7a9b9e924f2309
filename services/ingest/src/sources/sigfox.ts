import { z } from 'zod';
import type { NetworkEvent, Uplink } from '@ronde/contracts';
import { HexBytes, NumberLike, RadioNumber, SomeText, fromEpoch, lenient, lenientList } from './fields.ts';
import { accepted, faultsOf, isRecord, malformed, told, type Parsed, type SourceParser } from './parsed.ts';
import { radioOf } from './radio.ts';

/*
 * Sigfox sends what its user wrote into the callback's body; these are the names of the variables themselves, which the
 * usual templates keep ("device":"{device}"). Variables: support.sigfox.com, callbacks DATA, DATA_ADVANCED, STATUS,
 * GEOLOC, ACKNOWLEDGE, ERROR.
 */
const REMEDY =
  'name the members of the callback body after Sigfox\'s variables: "device":"{device}", "data":"{data}" …';
const Head = z.looseObject({
  device: z.string().regex(/^[0-9A-Fa-f]{1,8}$/, 'is not a Sigfox id of up to 8 hexadecimal digits'),
  time: NumberLike.nullish(),
});
const Place = z.looseObject({
  lat: NumberLike.pipe(z.number().min(-90).max(90)),
  lng: NumberLike.pipe(z.number().min(-180).max(180)),
  radius: RadioNumber,
  status: RadioNumber,
});
const Station = z.looseObject({ bsId: SomeText, rssi: RadioNumber, snr: RadioNumber });
const Message = Head.extend({
  data: HexBytes.pipe(z.instanceof(Uint8Array).refine((bytes) => bytes.length <= 12, 'is longer than 12 bytes')),
  seqNumber: NumberLike.pipe(z.number().int().min(0).max(0xffff_ffff)).nullish(),
  station: SomeText,
  rssi: RadioNumber,
  snr: RadioNumber,
  duplicates: lenientList(Station),
  computedLocation: lenient(Place),
});
type About = Pick<NetworkEvent, 'source' | 'device' | 'atMs'>;
const FIELDS = ['data', 'seqNumber', 'infoCode', 'batt', 'radius', 'computedLocation', 'severity'];

/** Reads Sigfox callbacks with a JSON body. */
export const sigfox: SourceParser = {
  source: 'sigfox',
  matches: () => false,
  recognise: (message) =>
    isRecord(message) && Head.safeParse(message).success && FIELDS.some((field) => field in message)
      ? 'sigfox'
      : undefined,
  parse(message) {
    const head = Head.safeParse(message);
    if (!head.success) return malformed(faultsOf(head.error, REMEDY));
    const { device: id, time } = head.data;
    const about: About = {
      source: 'sigfox',
      device: { networkId: id.toUpperCase(), orDeviceId: id },
      atMs: fromEpoch(time),
    };
    if ('data' in head.data) return readData(message, about);
    if ('infoCode' in head.data) return readAcknowledge(message, about);
    if ('batt' in head.data) return readStatus(message, about);
    if ('lat' in head.data || 'computedLocation' in head.data) return readPlace(message, about);
    return { kind: 'ignored', event: 'severity' in head.data ? 'error' : 'callback' };
  },
};

function readData(message: unknown, about: About): Parsed {
  const read = Message.safeParse(message);
  if (!read.success) return malformed(faultsOf(read.error, REMEDY));
  const { computedLocation: place } = read.data;
  return accepted([toUplink(read.data, about)], [], place ? placeOf(place, about) : []);
}

function toUplink(message: z.infer<typeof Message>, { device, atMs }: About): Uplink {
  const { duplicates, station, rssi, snr } = message;
  return {
    source: 'sigfox',
    device,
    session: '',
    fCnt: message.seqNumber ?? null,
    counterBits: 12,
    fPort: null,
    bytes: message.data,
    values: [],
    atMs,
    radio: radioOf(
      duplicates.length > 0
        ? duplicates.map(({ bsId, ...heard }) => ({ id: bsId, ...heard }))
        : [{ id: station, rssi, snr }],
    ),
  };
}

// support.sigfox.com, ACKNOWLEDGE: 0 the station sent the answer, 5 an answer is being waited for
const CODES: Record<number, 'sent' | 'queued'> = { 0: 'sent', 5: 'queued' };

function readAcknowledge(message: unknown, about: About): Parsed {
  const read = z.looseObject({ infoCode: NumberLike, infoMessage: SomeText }).safeParse(message);
  if (!read.success) return malformed(faultsOf(read.error, REMEDY));
  const { infoCode, infoMessage } = read.data;
  const status = CODES[infoCode] ?? 'failed';
  const detail = status === 'sent' ? null : (infoMessage ?? `code ${infoCode}`);
  return told({ ...about, kind: 'downlink', status, correlationId: null, fCntDown: null, detail });
}

/** The keep-alive message: battery in volts while idle, so a voltage and no charge. */
function readStatus(message: unknown, about: About): Parsed {
  const read = Message.omit({ data: true }).extend({ batt: NumberLike }).safeParse(message);
  if (!read.success) return malformed(faultsOf(read.error, REMEDY));
  const uplink = toUplink({ ...read.data, data: new Uint8Array() }, about);
  const values: Uplink['values'] = [{ quantity: 'batteryVoltage', value: read.data.batt }];
  const event: NetworkEvent = { ...about, kind: 'status', battery: null, externalPower: null, marginDb: null };
  return accepted([{ ...uplink, bytes: null, values }], [], [event]);
}

function readPlace(message: unknown, about: About): Parsed {
  const nested = isRecord(message) && isRecord(message['computedLocation']) ? message['computedLocation'] : message;
  const read = Place.safeParse(nested);
  if (!read.success) return malformed(faultsOf(read.error, REMEDY));
  const events = placeOf(read.data, about);
  return events.length > 0 ? told(...events) : { kind: 'ignored', event: 'geoloc without result' };
}

/** A status other than 1 means that no position could be computed; older callbacks have none. */
function placeOf({ lat, lng: lon, radius, status }: z.infer<typeof Place>, about: About): NetworkEvent[] {
  if ((status ?? 1) !== 1) return [];
  return [{ ...about, kind: 'location', lat, lon, accuracyM: radius ?? null }];
}
