/**
 * What every codec's context gets before its own code: a clock frozen at the message's time, a seeded
 * Math.random, a silent console, and captured JSON functions, so that a codec which overwrites
 * globals can only spoil its own answer. Runs inside QuickJS, hence plain JavaScript in a string.
 *
 * The call function answers one string: `V` value, `N` value with non-finite numbers (paths in the
 * first line), `E` the codec threw, `F` it hit a limit of the engine.
 */
export const GUEST_PRELUDE = `(function (global) {
  'use strict';
  const uncurry = Function.prototype.bind.bind(Function.prototype.call);
  const parse = JSON.parse, stringify = JSON.stringify, RealDate = Date, construct = Reflect.construct;
  const includes = uncurry(String.prototype.includes), slice = uncurry(String.prototype.slice);
  const toText = String, finite = Number.isFinite, Internal = global.InternalError, Range = RangeError;
  let nowMs = 0, seed = 1;

  function FrozenDate(...args) {
    if (!new.target) return toText(new RealDate(nowMs));
    return construct(RealDate, args.length ? args : [nowMs], new.target);
  }
  FrozenDate.prototype = RealDate.prototype;
  FrozenDate.now = () => nowMs;
  FrozenDate.parse = RealDate.parse;
  FrozenDate.UTC = RealDate.UTC;
  RealDate.prototype.constructor = FrozenDate;
  global.Date = FrozenDate;
  delete global.performance;
  // mulberry32, restarted for every message: the same bytes give the same answer.
  Math.random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = seed ^ (seed >>> 15);
    t = (t * (1 | seed)) | 0;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const silent = () => undefined;
  global.console = { log: silent, info: silent, warn: silent, error: silent, debug: silent };
  global.module = { exports: {} };
  global.exports = global.module.exports;

  function run(routines, routine, input) {
    if (routines[routine]) return routines[routine](input);
    if (routine === 'decodeUplink' && routines.Decoder)
      return { data: routines.Decoder(input.bytes, input.fPort) };
    if (routine === 'decodeUplink' && routines.Decode)
      return { data: routines.Decode(input.fPort, input.bytes, input.variables) };
    if (routine === 'encodeDownlink' && routines.Encoder)
      return { bytes: routines.Encoder(input.data, input.fPort), fPort: input.fPort };
    if (routine === 'encodeDownlink' && routines.Encode)
      return { bytes: routines.Encode(input.fPort, input.data, input.variables), fPort: input.fPort };
    throw new Error('the codec has no ' + routine);
  }

  function answer(result) {
    if (result !== null && typeof result === 'object' && typeof result.then === 'function')
      return 'Ethe codec returned a promise; it must answer at once';
    const text = stringify(result);
    if (text === undefined) return 'Ethe codec returned nothing';
    if (!includes(text, 'null')) return 'V' + text;
    let paths = '';
    const marked = stringify(result, (key, value) => {
      if (typeof value === 'number' && !finite(value)) paths += (paths ? ',' : '') + key;
      return value;
    });
    return paths ? 'N' + slice(stringify(paths), 0, 200) + '\\n' + marked : 'V' + marked;
  }

  return (routines) => (routine, text) => {
    try {
      const input = parse(text);
      nowMs = input.nowMs;
      seed = 0x2545f491;
      delete input.nowMs;
      if (input.recvTime !== undefined) input.recvTime = new FrozenDate(input.recvTime);
      return answer(run(routines, routine, input));
    } catch (thrown) {
      // Reading a thrown object may run the codec's getters: they are under the same limits as the call.
      let message = 'unknown';
      try { message = slice(toText(thrown && thrown.message !== undefined ? thrown.message : thrown), 0, 300); } catch (again) {}
      if (Internal && thrown instanceof Internal) return 'F' + message;
      if (thrown instanceof Range && includes(message, 'call stack')) return 'F' + message;
      return 'E' + message;
    }
  };
})(globalThis)`;

/** Collects the codec's functions, whether declared, lexical (`const`), or put on module.exports. */
export const GUEST_ROUTINES = `(function () {
  'use strict';
  const found = Object.create(null), exported = globalThis.module && globalThis.module.exports;
  const put = (name, value) => {
    const candidate = typeof value === 'function' ? value : exported && exported[name];
    if (typeof candidate === 'function') found[name] = candidate;
  };
  put('decodeUplink', typeof decodeUplink === 'undefined' ? undefined : decodeUplink);
  put('encodeDownlink', typeof encodeDownlink === 'undefined' ? undefined : encodeDownlink);
  put('decodeDownlink', typeof decodeDownlink === 'undefined' ? undefined : decodeDownlink);
  put('Decoder', typeof Decoder === 'undefined' ? undefined : Decoder);
  put('Decode', typeof Decode === 'undefined' ? undefined : Decode);
  put('Encoder', typeof Encoder === 'undefined' ? undefined : Encoder);
  put('Encode', typeof Encode === 'undefined' ? undefined : Encode);
  return found;
})()`;

/** A small part of Node's Buffer, given only to scripts that mention it (ChirpStack and ThingPark offer it). */
export const GUEST_BUFFER = `globalThis.Buffer = (function () {
  const view = (b) => new DataView(b.buffer, b.byteOffset, b.byteLength);
  class Buffer extends Uint8Array {
    static from(source, encoding) {
      if (typeof source !== 'string') return new Buffer(source);
      const bytes = [];
      if (encoding === 'hex') for (let i = 0; i + 1 < source.length; i += 2) bytes.push(parseInt(source.slice(i, i + 2), 16));
      else for (let i = 0; i < source.length; i++) bytes.push(source.charCodeAt(i) & 255);
      return new Buffer(bytes);
    }
    static alloc(size) { return new Buffer(size); }
    static isBuffer(value) { return value instanceof Buffer; }
    static concat(list) { return new Buffer(list.flatMap((b) => Array.from(b))); }
    slice(a, b) { return this.subarray(a, b); }
    toString(encoding) {
      if (encoding === 'hex') return Array.from(this, (b) => b.toString(16).padStart(2, '0')).join('');
      return String.fromCharCode.apply(null, this);
    }
    toJSON() { return { type: 'Buffer', data: Array.from(this) }; }
  }
  const add = (name, method, little) => {
    Buffer.prototype['read' + name] = function (at) { return view(this)['get' + method](at || 0, little); };
    Buffer.prototype['write' + name] = function (value, at) { view(this)['set' + method](at || 0, value, little); };
    const alias = name.replace('UInt', 'Uint');
    Buffer.prototype['read' + alias] = Buffer.prototype['read' + name];
    Buffer.prototype['write' + alias] = Buffer.prototype['write' + name];
  };
  add('UInt8', 'Uint8'); add('Int8', 'Int8');
  for (const [suffix, little] of [['LE', true], ['BE', false]])
    for (const [name, method] of [['UInt16', 'Uint16'], ['Int16', 'Int16'], ['UInt32', 'Uint32'], ['Int32', 'Int32'], ['Float', 'Float32'], ['Double', 'Float64']])
      add(name + suffix, method, little);
  return Buffer;
})()`;
