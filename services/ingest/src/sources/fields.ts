import { z } from 'zod';

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const HEX = /^([0-9A-Fa-f]{2})*$/;
const MAX_COUNTER = 0xffff_ffff;

/** Reads base64 (standard or URL alphabet); undefined when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bare = text.replace(/=+$/, '');
  // one character left over carries 6 bits: no byte ends there
  if (!BASE64.test(text) || bare.length % 4 === 1) return undefined;
  return new Uint8Array(Buffer.from(bare, 'base64'));
}

/** Reads hexadecimal digits in pairs; undefined when it is none. */
export function fromHex(text: string): Uint8Array | undefined {
  return HEX.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : undefined;
}

/** Gives a devEUI as 16 lower-case digits; takes hexadecimal with or without separators and ChirpStack v3's base64. */
export function toDevEui(text: string): string | undefined {
  const bare = text.replace(/[-: ]/g, '');
  if (/^[0-9A-Fa-f]{16}$/.test(bare)) return bare.toLowerCase();
  const bytes = text.length <= 12 ? fromBase64(text) : undefined;
  return bytes?.length === 8 ? Buffer.from(bytes).toString('hex') : undefined;
}

const TIME = /^(\d{4})-(\d{2})-?(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Reads a network's time as milliseconds since 1970, cut (not rounded) after the millisecond; undefined when it is none.
 * Milesight gateways write "2020-0327T12:39:05.547336Z": the second dash is optional for them. Without offset it is UTC.
 */
export function toMs(text: string | undefined | null): number | undefined {
  const part = text ? TIME.exec(text) : null;
  if (!part) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', offset = 'Z'] = part;
  const millis = fraction.padEnd(3, '0').slice(0, 3);
  const zone = /^z$/i.test(offset) ? 'Z' : `${offset.slice(0, 3)}:${offset.slice(-2)}`;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** First of several texts that is a time. */
export function firstTime(...texts: (string | undefined | null)[]): number | null {
  for (const text of texts) {
    const ms = toMs(text);
    if (ms !== undefined) return ms;
  }
  return null;
}

// the last moment a JavaScript date can hold; beyond it toISOString throws
const MAX_MS = 8.64e15;
// 1e11 s lies in the year 5138, 1e11 ms in 1973
const MS_FROM = 1e11;

/** Reads seconds or milliseconds since 1970, told apart by their size; null when it is no moment. */
export function fromEpoch(value: number | undefined | null): number | null {
  if (value === undefined || value === null || !Number.isFinite(value)) return null;
  const ms = Math.abs(value) >= MS_FROM ? value : value * 1000;
  return Math.abs(ms) <= MAX_MS ? Math.round(ms) : null;
}

/** Proto3 JSON leaves zero values out: an absent counter is 0. */
export const Counter = z
  .number()
  .int()
  .min(0)
  .max(MAX_COUNTER)
  .nullish()
  .transform((n) => n ?? 0);
/** An absent port is 0 (proto3). */
export const Port = z
  .number()
  .int()
  .min(0)
  .max(255)
  .nullish()
  .transform((n) => n ?? 0);
/** Absent bytes are none (proto3). */
export const Base64Bytes = z
  .string()
  .nullish()
  .transform((text, ctx) => {
    const bytes = fromBase64(text ?? '');
    if (bytes) return bytes;
    ctx.addIssue({ code: 'custom', message: 'is not base64' });
    return z.NEVER;
  });
export const HexBytes = z
  .string()
  .nullish()
  .transform((text, ctx) => {
    const bytes = fromHex(text ?? '');
    if (bytes) return bytes;
    ctx.addIssue({ code: 'custom', message: 'is not hexadecimal digits in pairs' });
    return z.NEVER;
  });
export const Eui = z.string().transform((text, ctx) => {
  const eui = toDevEui(text);
  if (eui) return eui;
  ctx.addIssue({ code: 'custom', message: 'is not a devEUI of 8 bytes' });
  return z.NEVER;
});

/** A number, or a text that is nothing but one: templates and untyped JSON write numbers as text. */
export const NumberLike = z.union([z.number(), z.string()]).transform((value, ctx) => {
  const number = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(number)) return number;
  ctx.addIssue({ code: 'custom', message: 'is not a number' });
  return z.NEVER;
});

/** For what only describes the way of a message: of a wrong type it counts as absent, and costs no measurement. */
export function lenient<T extends z.ZodType>(schema: T) {
  return schema.nullish().catch(undefined);
}
export const RadioNumber = lenient(NumberLike);
export const SomeText = lenient(z.string());
/** A list of whatever; what is no object in it is left out. */
export function lenientList<T extends z.ZodType>(item: T) {
  return z
    .array(z.unknown())
    .nullish()
    .catch(undefined)
    .transform((list) =>
      (list ?? []).flatMap((entry) => {
        const read = item.safeParse(entry);
        return read.success ? [read.data] : [];
      }),
    );
}
