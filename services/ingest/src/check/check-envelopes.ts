import { createHash } from 'node:crypto';
import type { NetworkEvent, Uplink } from '@ronde/contracts';
import { parseEnvelope } from '../sources/index.ts';
import { isRecord } from '../sources/parsed.ts';
import { truthOf, type Truth } from './truth.ts';
import { hearWitness, type Witness } from './witness.ts';

export interface Tally {
  total: number;
  recognised: number;
  exact: number;
}
/** What `ronde envelope check` prints. */
export interface EnvelopeCheck extends Tally {
  /** Per integration and structure of keys, named by a hash of it; `example` is the first file of that shape. */
  byShape: Record<string, Tally & { example: string }>;
  byNetwork: Record<string, Tally>;
  /** The network with the smallest share of exact messages. */
  worstNetwork: { name: string; exactShare: number } | null;
  /** What another platform made of the same messages, where the lines carry a `result`. */
  witness: Witness;
  failures: { line: number; file: string; why: string }[];
}

const FAMILIES: [RegExp, string][] = [
  [/things-?stack/i, 'things-stack'],
  [/chirpstack/i, 'chirpstack'],
  [/thingpark/i, 'thingpark'],
  [/loriot/i, 'loriot'],
  [/http/i, 'http'],
];

/**
 * Checks how well real messages are read. Recognised: the right family by the message alone. Exact: devEUI, port, counter,
 * bytes, time and the best gateway's signal equal what the message holds where the network's documents place it; the
 * comparison shares nothing with the readers.
 * @param lines objects `{integration, file, payload, result?}`; `integration` names the network server
 */
export function checkEnvelopes(lines: readonly unknown[]): EnvelopeCheck {
  const check: EnvelopeCheck = {
    ...newTally(),
    byShape: {},
    byNetwork: {},
    worstNetwork: null,
    witness: { compared: 0, agreeing: 0, disagreements: [] },
    failures: [],
  };
  lines.forEach((line, index) => checkLine(line, index + 1, check));
  const shares = Object.entries(check.byNetwork).map(([name, { exact, total }]) => ({
    name,
    exactShare: exact / total,
  }));
  check.worstNetwork = shares.sort((a, b) => a.exactShare - b.exactShare)[0] ?? null;
  return check;
}

function newTally(): Tally {
  return { total: 0, recognised: 0, exact: 0 };
}

function checkLine(line: unknown, number: number, check: EnvelopeCheck): void {
  const { integration = 'unreadable', file = '', payload, result } = isRecord(line) ? line : {};
  const where = { line: number, file: String(file) };
  const name = String(integration);
  const { family, fields, uplinks } = faultsOf(name, payload);
  const shape = `${name} ${createHash('sha1').update(shapeOf(payload)).digest('hex').slice(0, 8)}`;
  const tallies = [
    check,
    (check.byNetwork[name] ??= newTally()),
    (check.byShape[shape] ??= { ...newTally(), example: where.file }),
  ];
  for (const tally of tallies) {
    tally.total += 1;
    if (family.length === 0) tally.recognised += 1;
    if (family.length + fields.length === 0) tally.exact += 1;
  }
  const why = [...family, ...fields].join('; ');
  if (why) check.failures.push({ ...where, why });
  if (result !== undefined && uplinks[0]) hearWitness(uplinks[0], result, check.witness, where);
}

/** Gives the structure of a message: its keys and the kinds of its values, whatever their number or order. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].sort().join('|')}]`;
  if (!isRecord(value)) return value === null ? 'null' : typeof value;
  const members = Object.entries(value).map(([key, member]) => `${key}:${shapeOf(member)}`);
  return `{${members.sort().join(',')}}`;
}

function faultsOf(integration: string, payload: unknown): { family: string[]; fields: string[]; uplinks: Uplink[] } {
  const envelope = parseEnvelope(payload);
  const wanted = FAMILIES.find(([pattern]) => pattern.test(integration))?.[1];
  const seen = envelope.family;
  const family =
    seen !== undefined && seen === wanted ? [] : [`family ${seen ?? 'unknown'}, not ${wanted ?? integration}`];
  const truth = wanted === undefined ? undefined : truthOf(wanted, payload);
  if (envelope.kind === 'refused')
    return { family, fields: envelope.faults.map(({ field, message }) => `${field} ${message}`), uplinks: [] };
  if (envelope.kind === 'ignored')
    return { family, fields: [`passed over as the event ${envelope.event}`], uplinks: [] };
  if (!truth) return { family, fields: ['nothing to compare with'], uplinks: [] };
  const { uplinks, events } = envelope;
  if (uplinks.length > 1) return { family, fields: [`${uplinks.length} uplinks were read`], uplinks };
  const fields = uplinks[0] ? differences(uplinks[0], truth) : eventDifferences(events, truth);
  return { family, fields, uplinks };
}

function differences(uplink: Uplink, truth: Truth): string[] {
  return [
    ...equal('devEui', euiOf(uplink), truth.devEui),
    ...equal('fPort', uplink.fPort, truth.fPort),
    ...equal('fCnt', uplink.fCnt, truth.fCnt),
    ...equal('bytes', Buffer.from(uplink.bytes ?? []).toString('hex'), truth.bytesHex),
    ...equal('time', uplink.atMs ?? undefined, truth.timeMs),
    ...equal('rssi', uplink.radio?.rssi ?? undefined, truth.rssi),
    ...equal('snr', uplink.radio?.snr ?? undefined, truth.snr),
  ];
}

/** An event that came among the uplinks has a device and a time, and must hold nothing of an uplink. */
function eventDifferences(events: readonly NetworkEvent[], truth: Truth): string[] {
  const [event] = events;
  if (!event) return ['nothing was read'];
  if (truth.isUplink) return [`read as the event ${event.kind}`];
  return [...equal('devEui', euiOf(event), truth.devEui), ...equal('time', event.atMs ?? undefined, truth.timeMs)];
}

function euiOf({ device }: Pick<Uplink, 'device'>): string | undefined {
  return 'devEui' in device ? device.devEui : undefined;
}

function equal(name: string, ours: unknown, theirs: unknown): string[] {
  return ours === theirs ? [] : [`${name} is ${String(ours)}, the message says ${String(theirs)}`];
}
