import {
  SOURCE_TOPICS,
  isQuantity,
  type DeviceName,
  type Fault,
  type NetworkEvent,
  type Uplink,
  type UplinkValue,
} from '@ronde/contracts';
import { fromEpoch } from './fields.ts';
import {
  accepted,
  fault,
  faultsOf,
  isRecord,
  malformed,
  told,
  type EnvelopeContext,
  type Parsed,
  type SourceParser,
} from './parsed.ts';
import { unitOf } from './senml.ts';
import { aliasesOf, birthOf, birthsKey, rememberDevice, rememberNode, type Announced } from './sparkplug-births.ts';
import {
  isSparkplug,
  numberOf,
  payloadFromBytes,
  readPayload,
  type Metric,
  type SparkplugPayload,
} from './sparkplug-payload.ts';
import { isFault, readValue } from './values.ts';

/** Remedy of all that a new birth of the edge node would explain. */
export const REBIRTH = 'request a rebirth of the edge node (NCMD, "Node Control/Rebirth" true), then replay';
const TOPIC = /^spBv1\.0\/([^/]+)\/([ND](?:BIRTH|DEATH|DATA|CMD))\/([^/]+)(?:\/([^/]+))?$/;
const BD_SEQ = 'bdSeq';
/** Parts of the protocol and of the device's description, which measure nothing. */
const NOT_VALUES = /^(bdSeq$|(Node|Device) Control\/|(Node |Device )?(Info|Properties)\/)/;

/** Where a message comes from: an edge node, or a device behind one ('' = the node itself). */
interface Origin {
  group: string;
  type: string;
  edge: string;
  device: string;
}

/**
 * Reads Sparkplug B: births, deaths and data of edge nodes and their devices, as protobuf or in its decoded JSON form.
 * Data name their metrics by alias: what an alias means was said at birth, and is remembered per edge node.
 */
export const sparkplug: SourceParser = {
  source: 'sparkplug',
  matches: (topic) => SOURCE_TOPICS['sparkplug']!.test(topic),
  recognise: (message) => (isSparkplug(message) ? 'sparkplug' : undefined),
  fromBytes: payloadFromBytes,
  recalls(message, context) {
    const origin = originOf(topicOf(message, context));
    return origin ? [birthsKey(origin.group, origin.edge), seqKey(origin)] : [];
  },
  parse(message, context) {
    const topic = topicOf(message, context);
    const origin = originOf(topic);
    if (!origin) {
      if (/^spBv1\.0\/STATE\//.test(topic)) return { kind: 'ignored', event: 'STATE' };
      return malformed([fault('topic', 'is not of the form spBv1.0/group/type/edge node/device', REBIRTH)]);
    }
    if (/CMD$/.test(origin.type)) return { kind: 'ignored', event: origin.type };
    if (!isSparkplug(message)) return malformed([fault('metrics', 'is missing', 'send a Sparkplug B payload')]);
    const read = readPayload(message);
    if (!read.success) return malformed(faultsOf(read.error, 'send a Sparkplug B payload'));
    const key = birthsKey(origin.group, origin.edge);
    return READERS[origin.type.slice(1)]!({ origin, payload: read.data, context, key });
  },
};

/** The decoded form may carry the topic itself, where it comes by webhook. */
function topicOf(message: unknown, { topic = '' }: EnvelopeContext): string {
  if (topic.startsWith('spBv1.0/') || !isRecord(message)) return topic;
  return typeof message['topic'] === 'string' ? message['topic'] : topic;
}

function originOf(topic: string): Origin | undefined {
  const [, group, type, edge, device = ''] = TOPIC.exec(topic) ?? [];
  if (group === undefined || type === undefined || edge === undefined) return undefined;
  // NBIRTH … are of a node, DBIRTH … of a device behind one
  return type.startsWith('D') === (device !== '') ? { group, type, edge, device } : undefined;
}

/** Names the edge node that a topic is of; undefined when it is of none. */
export function edgeOf(topic: string): { group: string; edge: string } | undefined {
  return originOf(topic);
}

interface Told {
  origin: Origin;
  payload: SparkplugPayload;
  context: EnvelopeContext;
  /** Where the births of the edge node are remembered. */
  key: string;
}

const READERS: Record<string, (message: Told) => Parsed> = { BIRTH: readBirth, DATA: readData, DEATH: readDeath };

function readBirth(message: Told): Parsed {
  const { origin, payload, context, key } = message;
  const warnings = seqFaults(message);
  if (origin.device === '') {
    rememberNode(key, context, { bdSeq: bdSeqOf(payload.metrics), metrics: payload.metrics });
  } else {
    const birth = birthOf(key, context);
    if (!birth) return malformed([fault('topic', 'is a DBIRTH before the NBIRTH of its edge node', REBIRTH)]);
    rememberDevice(key, birth, { device: origin.device, metrics: payload.metrics, recall: context.recall });
  }
  const { uplinks, faults } = readMetrics(message, new Map());
  // what a node measures of itself matters only where it is used as a sensor
  const unusable = origin.device !== '' || uplinks.length > 0 ? faults : [];
  return accepted(uplinks, [...warnings, ...unusable], [presence(origin, true, payload.timestamp)]);
}

function readData(message: Told): Parsed {
  const { origin, payload, context, key } = message;
  const aliases = aliasesOf(birthOf(key, context), origin.device);
  const nameless = payload.metrics.filter(
    ({ name, alias }) => name === undefined && (alias === undefined || !aliases?.has(alias)),
  );
  if (nameless.length > 0) {
    const what = aliases ? `alias ${nameless[0]!.alias} is not in its birth` : 'came before its birth';
    return malformed([fault('metrics', what, REBIRTH)]);
  }
  const warnings = seqFaults(message);
  const { uplinks } = readMetrics(message, aliases ?? new Map());
  // the birth has told which metrics are not of the catalogue: once, and not with every change of them
  return uplinks.length > 0 || warnings.length > 0
    ? accepted(uplinks, warnings)
    : { kind: 'ignored', event: `${origin.type} without a quantity` };
}

function readDeath({ origin, payload, context, key }: Told): Parsed {
  if (origin.device !== '') return told(presence(origin, false, payload.timestamp));
  const birth = birthOf(key, context);
  const bdSeq = bdSeqOf(payload.metrics);
  // the broker may deliver the will of a connection that a newer one has replaced
  if (birth && birth.bdSeq !== null && bdSeq !== null && birth.bdSeq !== bdSeq)
    return { kind: 'ignored', event: 'NDEATH of an earlier birth' };
  const devices = birth?.tables.map(([device]) => device) ?? [''];
  return told(...devices.map((device) => presence({ ...origin, device }, false, payload.timestamp)));
}

function bdSeqOf(metrics: readonly Metric[]): number | null {
  const metric = metrics.find(({ name }) => name === BD_SEQ);
  return (metric && numberOf(metric, undefined)) ?? null;
}

function presence(origin: Origin, online: boolean, timestamp: number | undefined): NetworkEvent {
  return { source: 'sparkplug', device: deviceOf(origin), atMs: fromEpoch(timestamp), kind: 'presence', online };
}

function deviceOf({ group, edge, device }: Origin): DeviceName {
  return device === ''
    ? { networkId: `${group}/${edge}`, orDeviceId: edge }
    : { networkId: `${group}/${edge}/${device}`, orDeviceId: device };
}

const seqKey = ({ group, edge }: Origin): string => `memory:sparkplug-seq:${group}/${edge}`;

/** Messages of an edge node and its devices are numbered together, 0 to 255; a gap may have held a birth. */
function seqFaults({ origin, payload: { seq }, context: { recall, isReplay } }: Told): Fault[] {
  if (seq === undefined || isReplay) return [];
  const last = recall?.get(seqKey(origin));
  recall?.set(seqKey(origin), seq);
  if (typeof last !== 'number' || origin.type === 'NBIRTH' || seq === last || seq === (last + 1) % 256) return [];
  const missing = (seq - last - 1 + 256) % 256;
  return [fault('seq', `goes from ${last} to ${seq}: ${missing} messages of the edge node are missing`, REBIRTH)];
}

function readMetrics({ origin, payload }: Told, aliases: ReadonlyMap<number, Announced>) {
  const faults: Fault[] = [];
  const [fresh, historical]: [UplinkValue[], UplinkValue[]] = [[], []];
  payload.metrics.forEach((metric, index) => {
    const announced = metric.alias === undefined ? undefined : aliases.get(metric.alias);
    const name = metric.name ?? announced?.name ?? '';
    if (NOT_VALUES.test(name)) return;
    const atMs = fromEpoch(metric.timestamp ?? payload.timestamp) ?? undefined;
    const value = toValue({ metric, name, announced, field: `metrics.${index}.name`, atMs });
    if (isFault(value)) faults.push(value);
    else (metric.isHistorical === true ? historical : fresh).push(value);
  });
  const uplinks = [toUplink(origin, fresh), ...[toUplink(origin, historical)].map((one) => ({ ...one, late: true }))];
  return { uplinks: uplinks.filter(({ values }) => values.length > 0), faults };
}

interface NamedMetric {
  metric: Metric;
  name: string;
  announced: Announced | undefined;
  field: string;
  atMs: number | undefined;
}

/** Takes the last part of "2/fill" or "Sensors/Temperature" as the quantity; a number before it is the chamber. */
function toValue({ metric, name, announced, field, atMs }: NamedMetric): UplinkValue | Fault {
  const parts = name.split('/');
  const last = parts.pop() ?? '';
  const lower = last.charAt(0).toLowerCase() + last.slice(1);
  const folder = parts.pop() ?? '';
  const unitText = metric.properties ?? announced?.unit;
  const unit = unitText === undefined ? undefined : unitOf(unitText);
  if (unitText !== undefined && unit === undefined && isQuantity(lower))
    return fault(field, `unit "${unitText}" of ${last} is not known`, 'set engUnit to a UCUM code such as Cel, m or %');
  return readValue({
    field,
    name: isQuantity(lower) ? lower : last,
    value: numberOf(metric, announced?.type),
    unit,
    chamber: /^\d{1,2}$/.test(folder) ? folder : undefined,
    atMs,
  });
}

function toUplink(origin: Origin, values: UplinkValue[]): Uplink {
  return {
    source: 'sparkplug',
    device: deviceOf(origin),
    session: '',
    // `seq` counts all messages of the edge node, so it tells nothing of one device's losses
    fCnt: null,
    fPort: null,
    bytes: null,
    values,
    atMs: null,
    radio: null,
  };
}
