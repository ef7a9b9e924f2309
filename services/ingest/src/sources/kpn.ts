import { SOURCE_TOPICS, type DeviceName, type NetworkEvent, type Uplink } from '@ronde/contracts';
import { fromBase64, fromEpoch, fromHex } from './fields.ts';
import {
  accepted,
  fault,
  isRecord,
  malformed,
  type EnvelopeContext,
  type Parsed,
  type SourceParser,
} from './parsed.ts';
import { radioOf } from './radio.ts';
import { addressOf, gather, resolveSenml, type Resolved } from './senml.ts';

const REMEDY = 'compare the message with "Built-in decoders" of the KPN Things developer manual';
/** Records beside the measurements: how the network heard the message and where it thinks the device is. */
const ABOUT = new Set([
  'payload',
  'port',
  'FCntUp',
  'FCntDn',
  'LrrRSSI',
  'LrrSNR',
  'LrrESP',
  'DevLrrCnt',
  'SpFact',
  'SubBand',
  'Channel',
  'ADRbit',
  'timeOrigin',
  'locOrigin',
  'locMethod',
  'locTime',
  'locAccuracy',
  'locPrecision',
  'radius',
]);

/**
 * Reads KPN Things' SenML packs: measurements that KPN decoded, raw LoRa payloads ("payload" in hexadecimal with "port",
 * extended with counter and signal), and positions that the network computed.
 */
export const kpn: SourceParser = {
  source: 'kpn',
  matches: (topic) => SOURCE_TOPICS['kpn']!.test(topic),
  recognise: (message) =>
    Array.isArray(message) &&
    message.some(
      (item) => isRecord(item) && typeof item['bn'] === 'string' && /^urn:dev:(deveui|dvnuuid):/i.test(item['bn']),
    )
      ? 'kpn'
      : undefined,
  parse(message, context) {
    const records = resolveSenml(message, context.receivedAtMs);
    if ('faults' in records) return malformed(records.faults);
    const perDevice = [...Map.groupBy(records.items, ({ base }) => base).values()];
    const parsed = perDevice.map((group) => readDevice(group, context));
    return parsed.length === 0 ? malformed([fault('message', 'carries no value', REMEDY)]) : parsed.reduce(merge);
  },
};

function merge(a: Parsed, b: Parsed): Parsed {
  if (a.kind !== 'read') return a;
  if (b.kind !== 'read') return b;
  return {
    kind: 'read',
    uplinks: [...a.uplinks, ...b.uplinks],
    events: [...a.events, ...b.events],
    warnings: [...a.warnings, ...b.warnings],
  };
}

function readDevice(records: readonly Resolved[], context: EnvelopeContext): Parsed {
  const { device } = addressOf({ base: records[0]!.base, name: '' }, { ...context, deviceId: undefined });
  if (!device) return malformed([fault('0.bn', 'names no device', REMEDY)]);
  const by = new Map(records.map((record) => [record.name, record]));
  const place = placeOf(by, device);
  const payload = by.get('payload');
  if (payload) return readRaw(payload, { by, device, place });
  // a position of the network is no measurement of the device
  const isOfNetwork = by.has('locOrigin');
  const measured = records.filter(
    ({ name }) => !ABOUT.has(name) && !(isOfNetwork && (name === 'latitude' || name === 'longitude')),
  );
  if (measured.length === 0) {
    return place.length > 0 ? accepted([], [], place) : malformed([fault('message', 'carries no value', REMEDY)]);
  }
  const read = gather(measured, context);
  if (read.kind !== 'read') return read;
  return { ...read, uplinks: read.uplinks.map((uplink) => ({ ...uplink, source: 'kpn' as const })), events: place };
}

interface Raw {
  by: ReadonlyMap<string, Resolved>;
  device: DeviceName;
  place: NetworkEvent[];
}

function readRaw(payload: Resolved, { by, device, place }: Raw): Parsed {
  const bytes = payload.data === undefined ? fromHex(payload.text ?? '?') : fromBase64(payload.data);
  const number = (name: string): number | null => {
    const value = by.get(name)?.value;
    return typeof value === 'number' ? value : null;
  };
  const [fPort, fCnt] = [number('port'), number('FCntUp')];
  const faults = [
    ...(bytes ? [] : [fault(`${payload.field}.vs`, 'is not hexadecimal digits in pairs (vd: not base64)', REMEDY)]),
    ...(isWhole(fPort, 255) ? [] : [fault('port', 'is not a port from 0 to 255', REMEDY)]),
    ...(isWhole(fCnt, 0xffff_ffff) ? [] : [fault('FCntUp', 'is not a counter', REMEDY)]),
  ];
  if (!bytes || faults.length > 0) return malformed(faults);
  const uplink: Uplink = {
    source: 'kpn',
    device,
    session: '',
    fCnt,
    fPort,
    bytes,
    values: [],
    atMs: payload.atMs ?? null,
    radio: radioOf([{ rssi: number('LrrRSSI'), snr: number('LrrSNR') }], { spreadingFactor: number('SpFact') }),
  };
  const radio = uplink.radio && { ...uplink.radio, gateways: Math.max(1, number('DevLrrCnt') ?? 1) };
  return accepted([{ ...uplink, radio }], [], place);
}

function isWhole(value: number | null, max: number): boolean {
  return value === null || (Number.isInteger(value) && value >= 0 && value <= max);
}

function placeOf(by: ReadonlyMap<string, Resolved>, device: DeviceName): NetworkEvent[] {
  const [lat, lon, radius] = ['latitude', 'longitude', 'radius'].map((name) => by.get(name)?.value);
  if (typeof lat !== 'number' || typeof lon !== 'number' || Math.abs(lat) > 90 || Math.abs(lon) > 180) return [];
  const locTime = by.get('locTime')?.value;
  const atMs = fromEpoch(typeof locTime === 'number' ? locTime : undefined) ?? by.get('latitude')?.atMs ?? null;
  return [
    { source: 'kpn', device, atMs, kind: 'location', lat, lon, accuracyM: typeof radius === 'number' ? radius : null },
  ];
}
