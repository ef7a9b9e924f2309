import type { Fault } from '../problem.ts';

/** An object of unknown members. */
export type Json = Readonly<Record<string, unknown>>;

/** Takes typed members out of unknown JSON; each that is missing or wrong becomes a fault with its path. */
export interface JsonReader {
  readonly faults: readonly Fault[];
  fault(field: string, message: string): void;
  number(from: Json, key: string, at: string): number;
  /** undefined, without a fault, when absent or null */
  optional(from: Json, key: string, at: string): number | undefined;
  flag(from: Json, key: string, at: string): boolean | undefined;
  text(from: Json, key: string, at: string): string;
  /** a list of texts; undefined when absent */
  texts(from: Json, key: string, at: string): readonly string[] | undefined;
  /** a list of objects; empty, without a fault, when absent and optional */
  list(from: Json, key: string, at: string, options?: { optional?: boolean }): Json[];
}

/** Faults told of one file. */
const MAX_FAULTS = 20;

/** Tells an object from a list and from null. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function said(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 60);
}

/** Creates a reader without faults. */
export function createJsonReader(): JsonReader {
  const faults: Fault[] = [];
  const fault = (field: string, message: string): void => {
    if (faults.length < MAX_FAULTS) faults.push({ field, message });
  };
  const numberAt = (value: unknown, field: string): number => {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    fault(field, `must be a number, is ${said(value)}`);
    return 0;
  };
  return {
    faults,
    fault,
    number: (from, key, at) => numberAt(from[key], `${at}${key}`),
    optional: (from, key, at) =>
      from[key] === undefined || from[key] === null ? undefined : numberAt(from[key], `${at}${key}`),
    flag(from, key, at) {
      const value = from[key];
      if (value === undefined || typeof value === 'boolean') return value;
      fault(`${at}${key}`, `must be true or false, is ${said(value)}`);
      return undefined;
    },
    text(from, key, at) {
      const value = from[key];
      if (typeof value === 'string' && value) return value;
      fault(`${at}${key}`, `must be a text, is ${said(value)}`);
      return '';
    },
    texts(from, key, at) {
      const value = from[key];
      if (value === undefined || value === null) return undefined;
      if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
      fault(`${at}${key}`, `must be a list of texts, is ${said(value)}`);
      return undefined;
    },
    list(from, key, at, { optional } = {}) {
      const value = from[key];
      if (value === undefined && optional) return [];
      if (Array.isArray(value) && value.every(isObject)) return value;
      fault(`${at}${key}`, `must be a list of objects, is ${said(value)}`);
      return [];
    },
  };
}

/** Whether a text breaks before its end, and so with whatever follows too. */
function isBroken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /position (\d+)/.exec(message)?.[1];
    return position ? Number(position) < text.length : !message.includes('end of JSON');
  }
}

/** Names the line where a JSON text breaks, by bisection: the runtime leaves the position out of most messages. */
function syntaxFault(text: string, message: string): Fault {
  let [whole, broken] = [0, text.length];
  while (whole + 1 < broken) {
    const middle = (whole + broken) >> 1;
    if (isBroken(text.slice(0, middle))) broken = middle;
    else whole = middle;
  }
  return {
    field: `line ${text.slice(0, whole).split('\n').length}`,
    message: `is not JSON (${message}); correct the text there`,
  };
}

/** Parses a text into one object, or tells where it breaks. */
export function parseJson(text: string): { readonly json: Json } | { readonly fault: Fault } {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    const json: unknown = JSON.parse(plain);
    return isObject(json) ? { json } : { fault: { field: 'file', message: 'must be one JSON object' } };
  } catch (error) {
    return { fault: syntaxFault(plain, error instanceof Error ? error.message : String(error)) };
  }
}
