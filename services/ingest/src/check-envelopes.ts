import { z } from 'zod';
import { parseEnvelope } from './sources/index.ts';

/** One message with what another platform made of it. */
const Pair = z.object({
  integration: z.string(),
  file: z.string(),
  payload: z.unknown(),
  result: z.unknown().optional(),
});

export interface EnvelopeCheck {
  total: number;
  recognised: number;
  exact: number;
  byShape: Record<string, { total: number; recognised: number; exact: number }>;
  failures: { file: string; why: string }[];
}

const FAMILIES: Record<string, string> = {
  ChirpStack: 'chirpstack',
  HTTP: 'http',
  LORIOT: 'loriot',
  ThingPark: 'thingpark',
  ThingParkEnterprise: 'thingpark',
  ThingsStackCommunity: 'things-stack',
  ThingsStackIndustries: 'things-stack',
};

/** Recognises each message by itself and compares what we read with what its payload plainly holds. */
export function checkEnvelopes(lines: unknown[]): EnvelopeCheck {
  const report: EnvelopeCheck = { total: 0, recognised: 0, exact: 0, byShape: {}, failures: [] };
  for (const [index, line] of lines.entries()) {
    const pair = Pair.safeParse(line);
    const { integration, file } = pair.success ? pair.data : { integration: 'unreadable', file: `line ${index + 1}` };
    const why = pair.success ? faultOf(pair.data) : 'a line needs integration, file and payload';
    const shape = (report.byShape[integration] ??= { total: 0, recognised: 0, exact: 0 });
    for (const counts of [report, shape]) {
      counts.total++;
      if (!why?.startsWith('family')) counts.recognised++;
      if (why === undefined) counts.exact++;
    }
    if (why !== undefined) report.failures.push({ file, why });
  }
  return report;
}

function faultOf({ integration, payload }: z.infer<typeof Pair>): string | undefined {
  const envelope = parseEnvelope(payload);
  const wanted = FAMILIES[integration];
  if (envelope.family !== wanted) return `family ${envelope.family ?? 'unknown'} instead of ${wanted ?? integration}`;
  if (envelope.kind !== 'uplinks') return `not read as an uplink: ${envelope.kind}`;
  const [uplink] = envelope.uplinks;
  if (!uplink) return 'no uplink in it';
  const held = heldBy(payload);
  const ours: Record<string, string | number | null | undefined> = {
    devEui: 'devEui' in uplink.device ? uplink.device.devEui : undefined,
    fPort: uplink.fPort,
    fCnt: uplink.fCnt,
    bytes: uplink.bytes === null ? undefined : Buffer.from(uplink.bytes).toString('hex'),
    timeMs: uplink.atMs,
    rssi: uplink.radio?.rssi,
  };
  const wrong = Object.entries(held).filter(([name, value]) => value !== undefined && value !== ours[name]);
  return wrong.length === 0
    ? undefined
    : wrong.map(([name, value]) => `${name}: ours ${ours[name]}, the message says ${value}`).join('; ');
}

type Json = Record<string, unknown>;
const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((part, key) => (part as Json | undefined)?.[key as string], value);
const first = <T>(...values: unknown[]): T | undefined =>
  values.find((value) => value !== undefined && value !== null) as T | undefined;

/** Reads the facts straight from where each network writes them, without the parsers under test. */
function heldBy(payload: unknown): Record<string, string | number | undefined> {
  const body = at(payload, 'DevEUI_uplink') ?? payload;
  const eui = first<string>(
    at(body, 'end_device_ids', 'dev_eui'),
    at(body, 'deviceInfo', 'devEui'),
    at(body, 'DevEUI'),
    at(body, 'EUI'),
    at(body, 'devEUI'),
    at(body, 'devEui'),
  );
  const base64 = first<string>(
    at(body, 'uplink_message', 'frm_payload'),
    at(body, 'frm_payload'),
    at(body, 'fPort') !== undefined ? at(body, 'data') : undefined,
  );
  const hex = first<string>(at(body, 'payload_hex'), at(body, 'port') !== undefined ? at(body, 'data') : undefined);
  const gateways = first<Json[]>(at(body, 'uplink_message', 'rx_metadata'), at(body, 'rxInfo'), at(body, 'gws'));
  const rssi = gateways?.map(({ rssi: strength }) => strength).filter((strength) => typeof strength === 'number');
  return {
    devEui: eui === undefined ? undefined : euiHex(eui),
    fPort: number(first(at(body, 'uplink_message', 'f_port'), at(body, 'fPort'), at(body, 'FPort'), at(body, 'port'))),
    fCnt: number(first(at(body, 'uplink_message', 'f_cnt'), at(body, 'fCnt'), at(body, 'FCntUp'), at(body, 'fcnt'))),
    bytes:
      hex !== undefined
        ? hex.toLowerCase()
        : base64 === undefined
          ? undefined
          : Buffer.from(base64, 'base64').toString('hex'),
    rssi: rssi?.length ? Math.max(...(rssi as number[])) : undefined,
  };
}

function euiHex(eui: string): string {
  return /^[0-9a-f]{16}$/i.test(eui) ? eui.toLowerCase() : Buffer.from(eui, 'base64').toString('hex');
}

function number(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
