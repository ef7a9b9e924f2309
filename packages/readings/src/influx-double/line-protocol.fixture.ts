/** A point as the server understood it. */
export interface ParsedPoint {
  measurement: string;
  tags: Map<string, string>;
  fields: Map<string, number | string | boolean>;
  /** Type of each field as InfluxDB names them. */
  types: Map<string, 'float' | 'integer' | 'unsigned' | 'string' | 'boolean'>;
  atMs: number;
}

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const BOOLEANS = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((text): [string, boolean] => [text, true]),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((text): [string, boolean] => [text, false]),
]);
const LONGEST_STRING_BYTES = 65_535;
const EARLIEST_MS = -9_223_372_036_854;
const LATEST_MS = 9_223_372_036_854;

/**
 * Reads one line strictly, milliseconds.
 * @see https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
 * @throws Error with InfluxDB's kind of message
 */
export function parseLine(line: string): ParsedPoint {
  const fail = (why: string): never => {
    throw new Error(`unable to parse '${line.slice(0, 200)}': ${why}`);
  };
  const head = readUntil(line, 0, ' ');
  const body = readFields(line, head.end + 1, fail);
  const stamp = line.slice(body.end).trim();
  const [measurement = '', ...tagTexts] = splitUnescaped(head.text, ',');
  if (measurement === '') fail('missing measurement');
  const tags = new Map<string, string>();
  for (const text of tagTexts) {
    const [key, value, ...rest] = splitUnescaped(text, '=');
    if (!key || !value || rest.length > 0) fail('missing tag value');
    if (tags.has(unescape(key!))) fail('duplicate tags');
    tags.set(unescape(key!), unescape(value!));
  }
  if (body.texts.length === 0) fail('missing fields');
  const fields: ParsedPoint['fields'] = new Map();
  const types: ParsedPoint['types'] = new Map();
  for (const text of body.texts) {
    const equals = readUntil(text, 0, '=');
    if (equals.end >= text.length || equals.text === '') fail('missing field value');
    const [type, value] = readValue(text.slice(equals.end + 1), fail);
    fields.set(unescape(equals.text), value);
    types.set(unescape(equals.text), type);
  }
  if (!/^-?\d+$/.test(stamp)) fail('bad timestamp');
  const atMs = Number(stamp);
  if (atMs < EARLIEST_MS || atMs > LATEST_MS) fail('time outside range');
  return { measurement: unescape(measurement), tags, fields, types, atMs };
}

type Fail = (why: string) => never;

function readValue(
  text: string,
  fail: Fail,
): ['float' | 'integer' | 'unsigned' | 'string' | 'boolean', number | string | boolean] {
  if (text.startsWith('"')) {
    if (!/^"(?:[^"\\]|\\.)*"$/s.test(text)) fail('unbalanced quotes');
    const value = text.slice(1, -1).replace(/\\(["\\])/g, '$1');
    if (Buffer.byteLength(value) > LONGEST_STRING_BYTES) fail('string too long');
    return ['string', value];
  }
  const flag = BOOLEANS.get(text);
  if (flag !== undefined) return ['boolean', flag];
  const suffix = text.at(-1);
  if (suffix === 'i' || suffix === 'u') {
    if (!/^-?\d+$/.test(text.slice(0, -1))) fail('invalid number');
    return [suffix === 'i' ? 'integer' : 'unsigned', Number(text.slice(0, -1))];
  }
  if (!NUMBER.test(text)) fail('invalid number');
  return ['float', Number(text)];
}

/** Reads up to an unescaped character. */
function readUntil(text: string, from: number, stop: string): { text: string; end: number } {
  let at = from;
  while (at < text.length && text[at] !== stop) at += text[at] === '\\' ? 2 : 1;
  return { text: text.slice(from, at), end: at };
}

/** Splits the fields, in whose quotes commas and spaces are plain text. */
function readFields(line: string, from: number, fail: Fail): { texts: string[]; end: number } {
  const texts: string[] = [];
  let start = from;
  let isQuoted = false;
  let at = from;
  for (; at < line.length; at++) {
    const char = line[at];
    if (char === '\\') at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (char === ',' || char === ' ')) {
      texts.push(line.slice(start, at));
      start = at + 1;
      if (char === ' ') break;
    }
  }
  if (isQuoted) fail('unbalanced quotes');
  if (at >= line.length) texts.push(line.slice(start));
  return { texts: texts.filter((text) => text !== ''), end: Math.min(at, line.length) };
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = [];
  for (let from = 0; ;) {
    const part = readUntil(text, from, separator);
    parts.push(part.text);
    if (part.end >= text.length) return parts;
    from = part.end + 1;
  }
}

function unescape(text: string): string {
  return text.replace(/\\([,= ])/g, '$1');
}
