import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandbox } from './sandbox.ts';
import type { Routine, Sandbox } from './sandbox.ts';
import { RECV_TIME } from './test-support.ts';

let sandbox: Sandbox;
let count = 0;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());

/** Adds a codec under a name of its own. */
function codec(source: string): string {
  const key = `codec${++count}@1`;
  sandbox.add(key, source);
  return key;
}

async function run(source: string, input: Record<string, unknown> = {}, routine: Routine = 'decodeUplink') {
  const answer = await sandbox.call(codec(source), routine, { bytes: [2, 5], fPort: 3, recvTime: RECV_TIME, ...input });
  return answer.ok ? answer.output : answer.errors.join();
}

const data = (expression: string) => `function decodeUplink(input) { return { data: { x: ${expression} } }; }`;

describe('every form in which public codecs are written runs unmodified', () => {
  test.each([
    ['the payload codec API', 'function decodeUplink(i) { return { data: { v: i.bytes[1] } }; }'],
    ['a lexical function', '"use strict"; const decodeUplink = ({ bytes }) => ({ data: { v: bytes[1] } });'],
    ['The Things Network v2', 'function Decoder(bytes, port) { return { v: bytes[port - 2] }; }'],
    ['a Decoder that takes the port first', 'function Decoder(fPort, bytes) { return { v: bytes[fPort - 2] }; }'],
    ['ChirpStack v3', 'function Decode(fPort, bytes, variables) { return { v: bytes[fPort - 2] }; }'],
    ['a Decode that takes the bytes first', 'function Decode(bytes, fPort) { return { v: bytes[fPort - 2] }; }'],
    ['exports', 'exports.decodeUplink = (i) => ({ data: { v: i.bytes[1] } });'],
    ['module.exports', 'module.exports = { decodeUplink: (i) => ({ data: { v: i.bytes[1] } }) };'],
    ['a driver on exports', 'exports.driver = { decodeUplink(i) { return { data: { v: i.bytes[1] } }; } };'],
    [
      'a bundled driver that uses itself',
      'var driver; (() => { driver = { at: 1, decodeUplink(i) { return { data: { v: i.bytes[this.at] } }; } }; })();',
    ],
    ['a driver in the old form', 'var driver = { Decoder: (bytes) => ({ v: bytes[1] }) };'],
    [
      'an ES module',
      'import { Buffer as B } from "buffer";\nexport function decodeUplink(i) { return { data: { v: B.from(i.bytes).readUInt8(1) } }; }',
    ],
    [
      'a default export',
      'function go(i) { return { data: { v: i.bytes[1] } }; }\nexport default { decodeUplink: go };',
    ],
    [
      'exports under another name',
      'function go(i) { return { data: { v: i.bytes[1] } }; }\nexport { go as decodeUplink };',
    ],
    [
      'a function that calls others on this',
      'function half(n) { return n; }\nfunction decodeUplink(i) { return { data: { v: this.half(i.bytes[1]) } }; }',
    ],
    ['data without its wrapping', 'function decodeUplink(i) { return { v: i.bytes[1] }; }'],
    [
      'a byte order mark and a comment at the end',
      '\uFEFFfunction decodeUplink(i) { return { data: { v: i.bytes[1] } }; } // end',
    ],
  ])('%s', async (_form, source) => {
    expect(await run(source)).toEqual({ data: { v: 5 } });
  });

  test('a list as data', async () => {
    expect(await run('function decodeUplink() { return { data: [{ variable: "t", value: 1 }] }; }')).toEqual({
      data: [{ variable: 't', value: 1 }],
    });
  });

  test('variables, and the context of a device', async () => {
    const source = 'function decodeUplink(i) { context.push(i.variables.a); return { data: { context } }; }';
    expect(await run(source, { variables: { a: 2 }, context: [1] })).toEqual({ data: { context: [1, 2] } });
    expect(await run(data('context.length'))).toEqual({ data: { x: 0 } });
    expect(await run(data('[input.variables.offset, Object.keys(input).includes("variables")]'))).toEqual({
      data: { x: [null, false] },
    });
  });

  test('an encoder takes the whole request, or the data alone', async () => {
    const request = { data: { command: 7 }, fPort: 5 };
    const answer = { bytes: [7], fPort: 5 };
    const encode = (body: string) => run(body, request, 'encodeDownlink');
    expect(await encode('function encodeDownlink(i) { return { bytes: [i.data.command], fPort: i.fPort }; }')).toEqual(
      answer,
    );
    expect(await encode('function encodeDownlink(d) { return { bytes: [d.command], fPort: 5 }; }')).toEqual(answer);
    expect(await encode('function Encoder(data, port) { return [data.command]; }')).toEqual(answer);
    expect(await encode('function Encode(fPort, data) { return { bytes: [data.command], fPort }; }')).toEqual(answer);
    const names = await encode('function encodeDownlink(i) { return { bytes: [], names: Object.keys(i).join() }; }');
    expect(names).not.toMatchObject({ names: expect.stringContaining('command') });
  });

  test('what it lacks is told', async () => {
    expect(await run('var nothing = 1;')).toBe('the codec has no decodeUplink');
    expect(await run('function decodeUplink() {}', {}, 'encodeDownlink')).toBe('the codec has no encodeDownlink');
    expect(await run('function decodeUplink() {}', {}, 'decodeDownlink')).toBe('the codec has no decodeDownlink');
    const withCrypto = (body: string) => run(`const { createHash } = require("crypto"); ${body}`);
    expect(await withCrypto(data('1'))).toEqual({ data: { x: 1 } });
    expect(await withCrypto(data('createHash("md5")'))).toBe("the sandbox has no module 'crypto'");
    expect(await run('const c = require("./other.js");')).toBe("the sandbox has no module './other.js'");
    expect(await run(data('1'), {}, 'normalizeUplink')).toBe('the codec has no normalizeUplink');
  });
});

describe('normalizeUplink', () => {
  const source = `function decodeUplink(i) { return { data: { t: i.bytes[0] } }; }
    function normalizeUplink(i) { return { data: { air: { temperature: i.data.t } } }; }`;

  test('is a routine of its own', async () => {
    expect(await run(source, {}, 'normalizeUplink')).toEqual({ data: { air: { temperature: 2 } } });
  });

  test('that throws leaves the decoded data standing', async () => {
    const broken = source.replace('i.data.t', 'i.nothing.t');
    expect(await run(broken)).toMatchObject({ data: { t: 2 }, normalized: { errors: [expect.any(String)] } });
  });

  test('is not asked when decoding failed', async () => {
    const refusing = source.replace('return { data', 'return { errors: ["no"] }; return { data');
    expect(await run(refusing, {}, 'normalizeUplink')).toEqual({ errors: ['no'] });
  });
});

describe('a message leaves nothing to the next one', () => {
  /** Decodes A, B and A again with one codec; both As must be equal. */
  async function aba(source: string): Promise<unknown[]> {
    const key = codec(source);
    const answers: unknown[] = [];
    for (const byte of [1, 2, 1]) {
      const answer = await sandbox.call(key, 'decodeUplink', { bytes: [byte], fPort: 1, recvTime: RECV_TIME });
      answers.push(answer.ok ? answer.output : answer.errors);
    }
    return answers;
  }

  test.each([
    [
      'in a variable of the script',
      'var seen = []; function decodeUplink(i) { seen.push(i.bytes[0]); return { data: { seen } }; }',
    ],
    [
      'in an undeclared variable',
      'function decodeUplink(i) { n = (typeof n === "undefined" ? 0 : n) + i.bytes[0]; return { data: { n } }; }',
    ],
    [
      'on the global object',
      'function decodeUplink(i) { globalThis.n = (globalThis.n || 0) + i.bytes[0]; return { data: { n: globalThis.n } }; }',
    ],
    [
      'on a global that stays',
      'function decodeUplink(i) { const n = (globalThis.n || 0) + i.bytes[0]; Object.defineProperty(globalThis, "n", { value: n, enumerable: true }); return { data: { n } }; }',
    ],
    [
      'on a prototype',
      'function decodeUplink(i) { const n = ([].n || 0) + i.bytes[0]; Array.prototype.n = n; return { data: { n } }; }',
    ],
    [
      'in place of what was there',
      'function decodeUplink(i) { if (i.bytes[0] === 2) Array.prototype.at = () => 9; return { data: { n: [1].at(0) } }; }',
    ],
    [
      'in place of a global',
      'function decodeUplink(i) { if (i.bytes[0] === 2) parseInt = () => 9; return { data: { n: parseInt("1") } }; }',
    ],
    [
      'on the console',
      'function decodeUplink(i) { console.n = (console.n || 0) + i.bytes[0]; return { data: { n: console.n } }; }',
    ],
    [
      'on what the input inherits',
      'function decodeUplink(i) { const p = Object.getPrototypeOf(i); p.n = (p.n || 0) + i.bytes[0]; if (i.bytes[0] === 2) p.variables = 2; return { data: { n: p.n, v: i.variables } }; }',
    ],
    [
      'on exports',
      'function decodeUplink(i) { exports.n = (exports.n || 0) + i.bytes[0]; return { data: { n: exports.n } }; }',
    ],
    [
      'in a promise that waits',
      'let n = 0; function decodeUplink(i) { Promise.resolve().then(() => { n++; }); n += i.bytes[0]; return { data: { n } }; }',
    ],
    [
      'when it throws half-way',
      'var n = 0; function decodeUplink(i) { n += i.bytes[0]; Math.n = n; if (n === 2) throw new Error("two"); return { data: { n } }; }',
    ],
  ])('%s', async (_where, source) => {
    const [first, , again] = await aba(source);
    expect(first).toMatchObject({ data: expect.any(Object) });
    expect(again).toEqual(first);
  });

  test('though what a codec adds to the language for itself works', async () => {
    const source = `Array.prototype.last = function () { return this[this.length - 1]; };
      Object.defineProperty(Object, 'twice', { value: (n) => 2 * n, writable: true, configurable: true });
      function decodeUplink(i) { return { data: { x: Object.twice(i.bytes.last()) } }; }`;
    expect(await aba(source)).toEqual([{ data: { x: 2 } }, { data: { x: 4 } }, { data: { x: 2 } }]);
  });
});

describe('time and texts', () => {
  test('the time of reception reads in JSON as it came', async () => {
    const recvTime = '2023-07-19T09:51:31.598957793+02:00';
    expect(
      await run(data('[input.recvTime, new Date(input.recvTime), input.recvTime.getTime()]'), { recvTime }),
    ).toEqual({
      data: { x: [recvTime, '2023-07-19T07:51:31.598Z', Date.parse(recvTime)] },
    });
  });

  test('the time zone is UTC', async () => {
    const seen = '[new Date(2024, 6, 1).toISOString(), new Date().getHours(), new Date().getTimezoneOffset()]';
    expect(await run(data(seen))).toEqual({ data: { x: ['2024-07-01T00:00:00.000Z', 1, 0] } });
  });

  test('dates and numbers have American texts', async () => {
    const seen = '[new Date(0).toLocaleString(), new Date(NaN).toLocaleDateString(), (-1234567.8915).toLocaleString()]';
    expect(await run(data(seen))).toEqual({ data: { x: ['1/1/1970, 12:00:00 AM', 'Invalid Date', '-1,234,567.892'] } });
  });
});

describe('Buffer', () => {
  /** What both engines must agree on; the host's own Buffer is the measure. */
  const EXPRESSIONS = [
    'Buffer.from([1, 2, 255, 128]).readInt16BE(2)',
    'Buffer.from("0102ff", "hex").toString("base64")',
    'Buffer.from("AQL_", "base64").toString("hex")',
    'Buffer.from("AQL/", "base64url").toString("base64url")',
    'Buffer.from("é€𝄞").toString("hex")',
    'Buffer.from([0xc3, 0xa9, 0xff, 0xe2, 0x82, 0x41, 0xf0, 0x9d, 0x84, 0x9e]).toString()',
    'Buffer.from([200, 65]).toString("latin1") + Buffer.from([200, 65]).toString("ascii")',
    'Buffer.from("hé", "utf16le").toString("hex") + Buffer.from([65, 0]).toString("ucs2")',
    'Buffer.from("01zz02", "hex").length',
    'Buffer.from([1, 2, 3, 4]).readUIntBE(1, 3) + Buffer.from([1, 2, 3]).readUIntLE(0, 3)',
    'Buffer.from([255, 2, 3]).readIntBE(0, 3) + Buffer.from([1, 2, 255]).readIntLE(0, 3)',
    'Buffer.from([0, 0, 128, 63]).readFloatLE(0)',
    'String(Buffer.from([1, 2, 3, 4, 5, 6, 7, 255]).readBigInt64LE(0))',
    '(() => { const b = Buffer.alloc(6); b.writeUIntBE(66051, 0, 3); b.writeIntLE(-2, 3, 3); return b.toString("hex"); })()',
    '(() => { const b = Buffer.alloc(8); b.writeUInt16BE(513); b.writeInt32LE(-2, 2); b.writeUint8(7, 6); return b.toString("hex"); })()',
    '(() => { try { Buffer.alloc(1).writeUInt8(256); } catch (e) { return e.name; } })()',
    '(() => { const b = Buffer.alloc(5, "ab"); b.fill(0, 1, 3); b.write("zz", 3); return b.toString(); })()',
    '(() => { const b = Buffer.from("abcdef"); return [b.indexOf("cd"), b.lastIndexOf("b"), b.includes(102), b.indexOf("x")]; })()',
    '(() => { const b = Buffer.from([1, 2, 3, 4]); b.slice(1, 3)[0] = 9; return [b.toString("hex"), b.swap16().toString("hex")]; })()',
    'Buffer.concat([Buffer.from([1]), Buffer.from([2, 3])]).equals(Buffer.from([1, 2, 3]))',
    'Buffer.concat([Buffer.from([1, 2, 3])], 2).length',
    '[Buffer.compare(Buffer.from([1]), Buffer.from([2])), Buffer.isBuffer(new Uint8Array(1)), Buffer.byteLength("é")]',
    '(() => { const t = Buffer.alloc(4); return [Buffer.from([1, 2, 3]).copy(t, 2, 1), t.toString("hex")]; })()',
    'JSON.stringify(Buffer.from(Buffer.from([1, 2]).toJSON()))',
    'Buffer.from([3, 1, 2]).map((b) => b * 2).reverse().toString("hex")',
    'Buffer.from(new Uint8Array([7, 8, 9]).buffer, 1, 2).toString("hex")',
    'Buffer.isEncoding("HEX") && !Buffer.isEncoding("nope")',
    'new TextDecoder().decode(new TextEncoder().encode("é€")) + btoa("ab") + atob("YWI=")',
  ];

  test.each(EXPRESSIONS)('%s', async (expression) => {
    const expected = (0, eval)(expression) as unknown;
    expect(await run(data(expression))).toEqual({ data: { x: expected } });
  });

  test('is a function without new, and a module', async () => {
    expect(await run(data('Buffer("01ff", "hex").readUInt16BE(0)'))).toEqual({ data: { x: 511 } });
    expect(await run(`const { Buffer } = require('node:buffer'); ${data('Buffer.of(1, 2).length')}`)).toEqual({
      data: { x: 2 },
    });
    expect(await run(data('Buffer.from(5)'))).toContain('Buffer.from needs');
    expect(await run(data('Buffer.from("a", "klingon")'))).toContain('Unknown encoding');
  });
});
