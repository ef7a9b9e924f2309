import { z } from 'zod';
import { SOURCE_TOPICS, UCUM_CODES, type Fault, type UcumCode, type Uplink, type UplinkValue } from '@ronde/contracts';
import {
  accepted,
  fault,
  faultsOf,
  isRecord,
  malformed,
  type EnvelopeContext,
  type Parsed,
  type SourceParser,
} from './parsed.ts';
import { isFault, readValue } from './values.ts';

const REMEDY = 'send a SenML pack (RFC 8428): an array of records with n, and v, vb or vs';
const Pack = z
  .array(
    z.looseObject({
      bn: z.string().optional(),
      bt: z.number().optional(),
      bu: z.string().optional(),
      bv: z.number().optional(),
      n: z.string().optional(),
      u: z.string().optional(),
      t: z.number().optional(),
      v: z.number().nullish(),
      vb: z.boolean().optional(),
      vs: z.string().optional(),
      vd: z.string().optional(),
    }),
  )
  .min(1)
  .max(1000);
type SenmlRecord = z.infer<typeof Pack>[number];

// RFC 8428 §4.5.3: smaller times count from the moment of receipt
const ABSOLUTE_FROM_S = 2 ** 28;
// IANA SenML units whose code differs from UCUM's
const UNITS: Record<string, UcumCode> = {
  '/': '1',
  count: '1',
  '%RH': '%',
  '%EL': '%',
  dBm: 'dB[mW]',
  l: 'L',
  ppm: '[ppm]',
  'µg/m3': 'ug/m3',
  dBspl: 'dB[SPL]',
  lat: 'deg',
  lon: 'deg',
  '°C': 'Cel',
  C: 'Cel',
};

/** Gives the UCUM code of a unit as the SenML registry or common usage writes it; undefined when it is not known. */
export function unitOf(text: string): UcumCode | undefined {
  return Object.hasOwn(UNITS, text) ? UNITS[text] : UCUM_CODES.find((code) => code === text);
}

/** A record with its base fields applied. */
export interface Resolved {
  base: string;
  field: string;
  name: string;
  value: unknown;
  /** Text or base64 data as it stands in the record. */
  text: string | undefined;
  data: string | undefined;
  unit: string | undefined;
  atMs: number | undefined;
}

/** Reads SenML packs (RFC 8428, JSON): several devices, several times and base fields in one pack. */
export const senml: SourceParser = {
  source: 'senml',
  matches: (topic) => SOURCE_TOPICS['senml']!.test(topic),
  recognise: (message) =>
    Array.isArray(message) && message.some((item) => isRecord(item) && ('n' in item || 'bn' in item))
      ? 'senml'
      : undefined,
  parse(message, context) {
    const records = resolveSenml(message, context.receivedAtMs);
    return 'faults' in records ? malformed(records.faults) : gather(records.items, context);
  },
};

/** Reads a pack and applies its base fields; `value` is undefined for nothing, text as it stands. */
export function resolveSenml(message: unknown, receivedAtMs: number): { items: Resolved[] } | { faults: Fault[] } {
  const read = Pack.safeParse(message);
  return read.success ? { items: resolve(read.data, receivedAtMs) } : { faults: faultsOf(read.error, REMEDY) };
}

function resolve(pack: SenmlRecord[], receivedAtMs: number): Resolved[] {
  const base = { bn: '', bt: 0, bu: undefined as string | undefined, bv: 0 };
  let timed = false;
  return pack.flatMap((record, index) => {
    timed ||= record.bt !== undefined;
    base.bn = record.bn ?? base.bn;
    base.bt = record.bt ?? base.bt;
    base.bu = record.bu ?? base.bu;
    base.bv = record.bv ?? base.bv;
    const value = valueOf(record, base.bv);
    // a record of base fields alone carries no measurement
    if (value === undefined) return [];
    const seconds = base.bt + (record.t ?? 0);
    const hasTime = timed || record.t !== undefined;
    const atMs = !hasTime ? undefined : Math.round(seconds * 1000) + (seconds < ABSOLUTE_FROM_S ? receivedAtMs : 0);
    const { n: name = '', u: unit = base.bu, vs: text, vd: data } = record;
    return [{ base: base.bn, field: `${index}`, name, value, text, data, unit, atMs }];
  });
}

function valueOf(record: SenmlRecord, baseValue: number): unknown {
  if (typeof record.v === 'number') return record.v + baseValue;
  if (record.v === null) return null;
  if (record.vb !== undefined) return record.vb;
  // KPN Things sends the battery as text: "32.0"
  if (record.vs !== undefined)
    return record.vs.trim() !== '' && Number.isFinite(Number(record.vs)) ? Number(record.vs) : record.vs;
  return record.vd;
}

interface Named {
  name: string;
  record: Resolved;
  read: UplinkValue | Fault;
}

/** Turns records into uplinks, one per device, each value by its catalogue name. */
export function gather(records: readonly Resolved[], context: EnvelopeContext): Parsed {
  const faults: Fault[] = [];
  const groups = new Map<string, { device: Uplink['device']; named: Named[] }>();
  for (const record of records) {
    const { device, local } = addressOf(record, context);
    if (!device) {
      faults.push(
        fault(
          `${record.field}.bn`,
          'names no device',
          'begin the base name with urn:dev:mac:, urn:dev:imei: or the device id',
        ),
      );
      continue;
    }
    const key = JSON.stringify(device);
    const group = groups.get(key) ?? { device, named: [] };
    group.named.push({ name: local, record, read: toValue(record, local) });
    groups.set(key, group);
  }
  if (groups.size === 0) return malformed(faults.length > 0 ? faults : [fault('message', 'carries no value', REMEDY)]);
  return accepted(
    [...groups.values()].flatMap(({ device, named }) => toUplinks(device, named)),
    faults,
  );
}

function toValue(record: Resolved, local: string): UplinkValue | Fault {
  const parts = local.split('/');
  const name = parts.pop() ?? '';
  const unit = record.unit === undefined ? undefined : unitOf(record.unit);
  if (record.unit !== undefined && unit === undefined) {
    return fault(
      `${record.field}.u`,
      `unit "${record.unit}" is not known`,
      `use a unit of the SenML registry such as Cel, m, % or /`,
    );
  }
  return readValue({
    field: `${record.field}.n`,
    name,
    value: record.value,
    unit,
    chamber: parts.pop(),
    atMs: record.atMs,
  });
}

/** One uplink when the catalogue knows every name; else one for each time, as a record has one value for each name. */
function toUplinks(device: Uplink['device'], named: Named[]): Uplink[] {
  const isKnown = named.every(({ read }) => !isFault(read));
  const groups = isKnown ? [named] : [...Map.groupBy(named, ({ record }) => record.atMs).values()];
  return groups.map((group) => {
    const reads = group.map(({ read }) => read);
    return {
      source: 'senml',
      device,
      session: '',
      fCnt: null,
      fPort: null,
      bytes: null,
      values: reads.flatMap((read) => (isFault(read) ? [] : [read])),
      words: {
        record: Object.fromEntries(group.map(({ name, record }) => [name, record.value])),
        faults: reads.filter(isFault),
      },
      atMs: (isKnown ? undefined : group[0]!.record.atMs) ?? null,
      radio: null,
    };
  });
}

/** Splits a full name (RFC 8428 §4.5.1, RFC 9039) into its device and the name of the value. */
export function addressOf(
  record: Pick<Resolved, 'base' | 'name'>,
  context: EnvelopeContext,
): { device?: Uplink['device']; local: string } {
  const full = record.base + record.name;
  const colon = full.lastIndexOf(':');
  const local = colon >= 0 ? full.slice(colon + 1) : record.name || full;
  if (context.deviceId !== undefined) return { device: { deviceId: context.deviceId }, local };
  const address = (colon >= 0 ? full.slice(0, colon) : record.base).replace(/^urn:(dev:)?/, '').replace(/[:/]+$/, '');
  const id = address.slice(address.lastIndexOf(':') + 1);
  if (id === '') return { local };
  if (/^(mac|deveui):/i.test(address) && /^[0-9a-f]{16}$/i.test(id))
    return { device: { devEui: id.toLowerCase() }, local };
  if (/^imei:/i.test(address)) return { device: { imei: id }, local };
  // a KPN Things device that is not a LoRa one
  if (/^dvnuuid:/i.test(address)) return { device: { networkId: id.toLowerCase(), orDeviceId: id }, local };
  return { device: { deviceId: id }, local };
}
