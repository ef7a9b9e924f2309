import { z } from 'zod';
import { Instant, parseUplinkTopic, type Fault, type Uplink, type UplinkValue } from '@ronde/contracts';
import { Eui, fromBase64, toMs } from './fields.ts';
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
import { isFrame, milesightNb } from './milesight-nb.ts';
import { senml } from './senml.ts';
import { isFault, readValue } from './values.ts';

const REMEDY = 'send {"fPort":1,"data":"base64"}, {"fill":0.42,"at":"2026-01-05T06:00:00Z"} or a SenML array';
const Head = z.looseObject({
  deviceId: z.string().optional(),
  devEui: Eui.optional(),
  imei: z
    .string()
    .regex(/^\d{14,16}$/, 'is not 14 to 16 digits')
    .optional(),
  at: Instant.optional(),
  seq: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  fCnt: z.number().int().min(0).max(0xffff_ffff).optional(),
  chamber: z.string().optional(),
});
const Raw = z.looseObject({
  fPort: z.number().int().min(0).max(255),
  data: z.string().transform((text, ctx) => {
    const bytes = fromBase64(text);
    if (bytes) return bytes;
    ctx.addIssue({ code: 'custom', message: 'is not base64' });
    return z.NEVER;
  }),
});
type Head = z.infer<typeof Head>;
const NOT_VALUES = new Set([...Object.keys(Head.shape), ...Object.keys(Raw.shape)]);

/** Reads what own devices send: raw bytes with a port, plain values by catalogue name, or a SenML array. */
export const native: SourceParser = {
  source: 'native',
  matches: (topic) => parseUplinkTopic(topic) !== undefined,
  recognise(message) {
    if (!isRecord(message)) return undefined;
    if (typeof message['data'] === 'string' && 'fPort' in message && !('devEUI' in message)) return 'native';
    return Object.keys(message).some(
      (name) => !NOT_VALUES.has(name) && !isFault(readValue({ field: name, name, value: message[name] })),
    )
      ? 'native'
      : undefined;
  },
  fromBytes: milesightNb.fromBytes!,
  parse(message, context) {
    const deviceId = context.deviceId ?? parseUplinkTopic(context.topic ?? '')?.deviceId;
    if (Array.isArray(message)) return asNative(senml.parse(message, { ...context, deviceId }));
    // an NB-IoT sensor of Milesight that logs in as itself sends its own frame
    if (isFrame(message)) return asNative(milesightNb.parse(message, { ...context, deviceId }));
    const head = Head.safeParse(message);
    if (!head.success) return malformed(faultsOf(head.error, REMEDY));
    const device = deviceOf(head.data, { ...context, deviceId });
    if (!device)
      return malformed([
        fault(
          'deviceId',
          'does not name the device that sends',
          "leave it out, or send under the device's own credential",
        ),
      ]);
    return 'data' in head.data ? readRaw(head.data, device) : readPlain(head.data, device);
  },
};

function asNative(parsed: Parsed): Parsed {
  if (parsed.kind !== 'read') return parsed;
  return { ...parsed, uplinks: parsed.uplinks.map((uplink) => ({ ...uplink, source: 'native' as const })) };
}

/** A device speaks for itself only; an integration names the device in the topic or the body. */
function deviceOf(head: Head, { deviceId }: EnvelopeContext): Uplink['device'] | undefined {
  if (deviceId !== undefined)
    return head.deviceId === undefined || head.deviceId === deviceId ? { deviceId } : undefined;
  if (head.deviceId !== undefined) return { deviceId: head.deviceId };
  if (head.devEui !== undefined) return { devEui: head.devEui };
  return head.imei === undefined ? undefined : { imei: head.imei };
}

function common(head: Head, device: Uplink['device']): Omit<Uplink, 'fPort' | 'bytes' | 'values'> {
  const atMs = head.at === undefined ? null : (toMs(head.at) ?? null);
  return { source: 'native', device, session: '', fCnt: head.fCnt ?? head.seq ?? null, atMs, radio: null };
}

function readRaw(head: Head, device: Uplink['device']): Parsed {
  const raw = Raw.safeParse(head);
  if (!raw.success) return malformed(faultsOf(raw.error, REMEDY));
  return accepted([{ ...common(head, device), fPort: raw.data.fPort, bytes: raw.data.data, values: [] }]);
}

function readPlain(head: Head, device: Uplink['device']): Parsed {
  const values: UplinkValue[] = [];
  const faults: Fault[] = [];
  const named = Object.entries(head).filter(([name]) => !NOT_VALUES.has(name));
  if (named.length === 0) return malformed([fault('message', 'carries neither data nor a value', REMEDY)]);
  for (const [name, value] of named) {
    const read = readValue({ field: name, name, value, chamber: head.chamber });
    if (isFault(read)) faults.push(read);
    else values.push(read);
  }
  const words = { record: Object.fromEntries(named), faults };
  return accepted([{ ...common(head, device), fPort: null, bytes: null, values, words }]);
}
