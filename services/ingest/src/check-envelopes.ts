import type { Uplink } from '@ronde/contracts';
import { toDevEui, toMs } from './sources/fields.ts';
import { parseEnvelope } from './sources/index.ts';
import { isRecord, type Family } from './sources/parsed.ts';

/** What `ronde envelope check` prints. */
export interface EnvelopeCheck {
  total: number;
  recognised: number;
  exact: number;
  byShape: Record<string, { total: number; recognised: number; exact: number }>;
  failures: { line: number; file: string; why: string }[];
}

const FAMILIES: [RegExp, Family][] = [
  [/things-?stack/i, 'things-stack'],
  [/chirpstack/i, 'chirpstack'],
  [/thingpark/i, 'thingpark'],
  [/loriot/i, 'loriot'],
  [/http/i, 'http'],
];

/**
 * Checks how well real messages are read. Recognised: the right family by the message alone. Exact: devEUI, port,
 * counter, bytes, time and signal of the best gateway equal what a walk over the message's keys finds, which shares
 * no schema with the readers.
 * @param lines objects `{integration, file, payload}`; `integration` names the network server
 */
export function checkEnvelopes(lines: readonly unknown[]): EnvelopeCheck {
  const check: EnvelopeCheck = { total: 0, recognised: 0, exact: 0, byShape: {}, failures: [] };
  lines.forEach((line, index) => {
    const { integration = 'unreadable', file = '', payload } = isRecord(line) ? line : {};
    const { family, fields } = faultsOf(String(integration), payload);
    const shape = (check.byShape[String(integration)] ??= { total: 0, recognised: 0, exact: 0 });
    for (const count of [check, shape]) {
      count.total += 1;
      if (family.length === 0) count.recognised += 1;
      if (family.length + fields.length === 0) count.exact += 1;
    }
    const why = [...family, ...fields].join('; ');
    if (why) check.failures.push({ line: index + 1, file: String(file), why });
  });
  return check;
}

function faultsOf(integration: string, payload: unknown): { family: string[]; fields: string[] } {
  const envelope = parseEnvelope(payload);
  const wanted = FAMILIES.find(([pattern]) => pattern.test(integration))?.[1];
  const seen = envelope.family;
  const family =
    seen !== undefined && seen === wanted ? [] : [`family ${seen ?? 'unknown'}, not ${wanted ?? integration}`];
  if (envelope.kind === 'refused') {
    return { family, fields: envelope.faults.map(({ field, message }) => `${field} ${message}`) };
  }
  if (envelope.kind === 'ignored') return { family, fields: [`read as the event ${envelope.event}`] };
  return { family, fields: envelope.uplinks.flatMap((uplink) => differences(uplink, collect(payload))) };
}

type Found = Map<string, unknown[]>;

/** Collects every value of a message under its bare key, the outermost first. */
function collect(message: unknown): Found {
  const found: Found = new Map();
  const nodes = [message];
  for (const node of nodes) {
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node)) {
      const bare = key.toLowerCase().replaceAll('_', '');
      found.set(bare, [...(found.get(bare) ?? []), value]);
      nodes.push(value);
    }
  }
  return found;
}

const TIME_KEYS = ['time', 'ts', 'receivedat', 'gwtime', 'nstime'];

function differences(uplink: Uplink, found: Found): string[] {
  const first = (...keys: string[]): unknown =>
    keys.map((key) => found.get(key)?.[0]).find((value) => value !== undefined && value !== null);
  const numbers = (...keys: string[]): number[] =>
    keys.flatMap((key) => found.get(key) ?? []).filter((value) => typeof value === 'number');
  const equal = (name: string, ours: unknown, theirs: unknown): string[] =>
    ours === theirs ? [] : [`${name} is ${String(ours)}, the message says ${String(theirs)}`];
  const among = (name: string, ours: number | null | undefined, theirs: number[]): string[] =>
    theirs.length === 0 || theirs.includes(ours ?? Number.NaN) ? [] : [`${name} ${ours} stands nowhere in the message`];
  const times = TIME_KEYS.flatMap((key) => found.get(key) ?? []).flatMap((value) => timeOf(value) ?? []);
  const rssi = numbers('rssi', 'lrrrssi');
  return [
    ...equal(
      'devEui',
      'devEui' in uplink.device ? uplink.device.devEui : undefined,
      toDevEui(String(first('deveui', 'eui') ?? '')),
    ),
    ...equal('fPort', uplink.fPort, Number(first('fport', 'port') ?? 0)),
    ...equal('fCnt', uplink.fCnt, Number(first('fcntup', 'fcnt') ?? 0)),
    ...equal('bytes', Buffer.from(uplink.bytes ?? []).toString('hex'), hexOf(found, first)),
    ...among('time', uplink.atMs, times),
    ...equal('rssi', uplink.radio?.rssi, rssi.length > 0 ? Math.max(...rssi) : undefined),
    ...among('snr', uplink.radio?.snr, numbers('snr', 'lorasnr', 'lrrsnr')),
  ];
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : toMs(typeof value === 'string' ? value : undefined);
}

/** Bytes stand in hexadecimal at ThingPark and LORIOT, in base64 elsewhere. */
function hexOf(found: Found, first: (...keys: string[]) => unknown): string {
  const hex = first('payloadhex') ?? (found.has('port') ? first('data') : undefined);
  if (hex !== undefined) return String(hex).toLowerCase();
  return Buffer.from(String(first('frmpayload', 'data') ?? ''), 'base64').toString('hex');
}
