import { z } from 'zod';
import { isRecord } from './parsed.ts';
import { readMessage, type MessageSpec } from './protobuf.ts';

/*
 * Fields we use of Payload and Metric, sparkplug_b/sparkplug_b.proto at eclipse-tahu/tahu@5736e40. Templates, data sets,
 * bytes and files carry no single value and are passed over.
 */
const PROPERTIES: MessageSpec = { 1: ['keys', 'string', 'many'], 2: ['values', { 8: ['text', 'string'] }, 'many'] };
const METRIC: MessageSpec = {
  1: ['name', 'string'],
  2: ['alias', 'uint64'],
  3: ['timestamp', 'uint64'],
  4: ['dataType', 'uint32'],
  5: ['isHistorical', 'bool'],
  7: ['isNull', 'bool'],
  9: ['properties', PROPERTIES],
  10: ['int', 'uint32'],
  11: ['long', 'uint64'],
  12: ['value', 'float'],
  13: ['value', 'double'],
  14: ['value', 'bool'],
  15: ['value', 'string'],
};
const PAYLOAD: MessageSpec = { 1: ['timestamp', 'uint64'], 2: ['metrics', METRIC, 'many'], 3: ['seq', 'uint64'] };

const Properties = z.looseObject({ keys: z.array(z.string()), values: z.array(z.looseObject({ text: z.string() })) });
// the JSON form of npm sparkplug-payload: properties as {name: {type, value}}, types by name
const Named = z.looseObject({ engUnit: z.looseObject({ value: z.string() }) });
const Metric = z.looseObject({
  // some encoders write an empty name where the alias stands for it
  name: z
    .string()
    .max(400)
    .optional()
    .transform((name) => name || undefined),
  alias: z.number().int().min(0).optional(),
  timestamp: z.number().optional().catch(undefined),
  dataType: z.number().optional().catch(undefined),
  isHistorical: z.boolean().optional().catch(undefined),
  isNull: z.boolean().optional().catch(undefined),
  properties: z
    .unknown()
    .optional()
    .transform((set) => Named.safeParse(set).data?.engUnit.value ?? unitIn(Properties.safeParse(set).data)),
  int: z.number().optional(),
  long: z.number().optional(),
  value: z.union([z.number(), z.boolean(), z.string()]).nullish().catch(undefined),
});
export type Metric = z.infer<typeof Metric>;
const Payload = z.looseObject({
  timestamp: z.number().optional().catch(undefined),
  seq: z.number().int().min(0).max(255).optional(),
  metrics: z.array(Metric).max(5_000).default([]),
});
export type SparkplugPayload = z.infer<typeof Payload>;

function unitIn(set: z.infer<typeof Properties> | undefined): string | undefined {
  const index = set?.keys.indexOf('engUnit') ?? -1;
  return index < 0 ? undefined : set?.values[index]?.text;
}

/** Reads the protobuf form; undefined when the bytes are none. */
export function payloadFromBytes(bytes: Uint8Array): unknown {
  const message = readMessage(bytes, PAYLOAD);
  // an empty message would be one too, of whatever protocol
  return message && ('timestamp' in message || 'metrics' in message) ? { metrics: [], ...message } : undefined;
}

/** Tells whether a message has the decoded form: `metrics` at the top or under `payload`. */
export function isSparkplug(message: unknown): message is Record<string, unknown> {
  if (!isRecord(message)) return false;
  const inner = isRecord(message['payload']) ? message['payload'] : message;
  return Array.isArray(inner['metrics']) && ('topic' in message || 'timestamp' in inner || 'seq' in inner);
}

/** Checks the decoded form. */
export function readPayload(message: Record<string, unknown>) {
  return Payload.safeParse(isRecord(message['payload']) ? message['payload'] : message);
}

// indexes of DataType whose values are signed
const SIGNED_32: Record<number, number> = { 1: 8, 2: 16, 3: 32 };
const INT64 = 4;

/** Gives a metric's number; null for "measured nothing", undefined where it carries none. `type` is that of its birth. */
export function numberOf(metric: Metric, type: number | undefined): number | null | undefined {
  if (metric.isNull === true || metric.value === null) return null;
  const dataType = metric.dataType ?? type;
  if (metric.int !== undefined) {
    const bits = SIGNED_32[dataType ?? 0];
    // negative numbers lie as two's complement in an unsigned field
    return bits === undefined ? metric.int : (metric.int << (32 - bits)) >> (32 - bits);
  }
  if (metric.long !== undefined)
    return dataType === INT64 && metric.long >= 2 ** 63 ? metric.long - 2 ** 64 : metric.long;
  if (typeof metric.value === 'boolean') return metric.value ? 1 : 0;
  return typeof metric.value === 'number' ? metric.value : undefined;
}
