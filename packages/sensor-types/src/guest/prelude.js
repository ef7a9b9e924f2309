/*
 * What every codec's context gets before its own code. Runs inside QuickJS: nothing to import, no host function.
 *
 * Whatever is used while a codec runs is captured here, before the codec: one that overwrites globals can only
 * spoil its own answer. The codec's text is the body of the function `build`, which runs anew for every message:
 * network servers start each message in a new engine, and codecs rely on it (a top-level `var decoded = {}`).
 *
 * `bind` gives the call function. It answers one text: `V` value, `N` value with non-finite numbers (their names in
 * the first line), `E` the codec threw, `F` it hit a limit; a `D` before it says that the context is spoilt.
 */
export default function prelude(global) {
  'use strict';
  const uncurry = Function.prototype.bind.bind(Function.prototype.call);
  const { parse, stringify } = JSON;
  const { keys, defineProperty, is, setPrototypeOf } = Object;
  const { apply, construct, deleteProperty } = Reflect;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const { isFinite } = Number;
  const RealDate = Date;
  const RealError = Error;
  const toText = String;
  const Internal = global.InternalError;
  const Range = RangeError;
  const includes = uncurry(String.prototype.includes);
  const slice = uncurry(String.prototype.slice);
  const test = uncurry(RegExp.prototype.test);
  const sourceOf = uncurry(Function.prototype.toString);
  const MAX_ANSWER = 65536;
  let nowMs = 0;
  let seed = 1;

  function hide(target, name, value) {
    defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  }

  // ---- the clock stands at the message's time
  function FrozenDate(...args) {
    if (!new.target) return toText(new RealDate(nowMs));
    return construct(RealDate, args.length > 0 ? args : [nowMs], new.target);
  }
  FrozenDate.prototype = RealDate.prototype;
  hide(FrozenDate, 'now', () => nowMs);
  hide(FrozenDate, 'parse', RealDate.parse);
  hide(FrozenDate, 'UTC', RealDate.UTC);
  hide(FrozenDate, 'name', 'Date');
  hide(RealDate.prototype, 'constructor', FrozenDate);
  hide(global, 'Date', FrozenDate);
  // mulberry32, restarted for every message: the same bytes give the same answer.
  hide(Math, 'random', () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = seed ^ (seed >>> 15);
    t = (t * (1 | seed)) | 0;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  });
  delete global.performance;

  // ---- names that network servers offer beside the language
  const modules = { __proto__: null };
  const console = {};
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'table', 'dir', 'assert', 'time', 'timeEnd'])
    console[name] = () => undefined;
  for (const name of ['console', 'module', 'exports', 'context']) hide(global, name, undefined);

  function offer(context) {
    global.console = console;
    global.module = { exports: {} };
    global.exports = global.module.exports;
    // ThingPark keeps an array per device here; without a keeper it starts empty.
    global.context = context === undefined ? [] : context;
  }

  // ---- which function to call, and how
  const OWN = { __proto__: null, decodeUplink: 0, encodeDownlink: 1, decodeDownlink: 2, normalizeUplink: 3 };
  Object.assign(OWN, { Decoder: 4, Decode: 5, Encoder: 6, Encode: 7, driver: 8 });
  let first = true;
  let normalises = false;
  let oldArguments;

  /** Finds a routine among the codec's own functions, on its `driver`, or on what it exports. */
  function find(own, name) {
    const declared = own && own[OWN[name]];
    if (typeof declared === 'function') return { call: declared, self: undefined };
    const exported = global.module && global.module.exports;
    const places = [own && own[OWN.driver], exported, exported && exported.driver, exported && exported.default];
    places[4] = global.exports;
    places[5] = global.exports && global.exports.driver;
    for (let i = 0; i < places.length; i++)
      if (places[i] && typeof places[i][name] === 'function') return { call: places[i][name], self: places[i] };
    return undefined;
  }

  /** The older forms, `Decoder(bytes, port)` and `Decode(fPort, bytes, variables)`; some swap the two. */
  function decodeOld(own, { bytes, fPort, variables }) {
    const found = find(own, 'Decoder') || find(own, 'Decode');
    if (!found) throw new RealError('the codec has no decodeUplink');
    if (oldArguments === undefined) {
      const source = sourceOf(found.call);
      const portFirst = find(own, 'Decoder') ? test(/^[^(]*\(\s*\w*port/i, source) : !test(/^[^(]*\(\s*bytes/i, source);
      oldArguments = portFirst ? 'port' : 'bytes';
    }
    const args = oldArguments === 'port' ? [fPort, bytes, variables] : [bytes, fPort, variables];
    return { data: apply(found.call, found.self, args) };
  }

  /** A bare object is its own data: some drivers leave {data, errors, warnings} away. */
  function wrap(result) {
    if (result === null || typeof result !== 'object') return result;
    if (isArray(result)) return { data: result };
    const isWhole = 'data' in result || 'errors' in result || 'warnings' in result || 'then' in result;
    return isWhole ? result : { data: result };
  }

  function hasErrors({ errors }) {
    return isArray(errors) && errors.length > 0;
  }

  function decodeUplink(own, input) {
    const found = find(own, 'decodeUplink');
    const result = found ? wrap(apply(found.call, found.self, [input])) : decodeOld(own, input);
    if (first) normalises = find(own, 'normalizeUplink') !== undefined;
    if (!normalises || !result || !result.data || hasErrors(result)) return result;
    return { data: result.data, errors: result.errors, warnings: result.warnings, normalized: normalise(own, result) };
  }

  /** As The Things Stack: the standard meaning of what was decoded; without it the decoded data still stands. */
  function normalise(own, { data, errors, warnings }) {
    try {
      const found = find(own, 'normalizeUplink');
      return apply(found.call, found.self, [{ data: parse(stringify(data)), errors, warnings }]);
    } catch (thrown) {
      return { errors: [slice(refusal(thrown), 1)] };
    }
  }

  function encodeDownlink(own, input) {
    const found = find(own, 'encodeDownlink');
    if (!found) return encodeOld(own, input);
    // ThingPark X hands over the data alone, the standard {data, fPort}: an input that is both serves either.
    const { data } = input;
    if (data !== null && typeof data === 'object')
      for (const name of keys(data)) if (!(name in input)) hide(input, name, data[name]);
    return asDownlink(apply(found.call, found.self, [input]), input);
  }

  function encodeOld(own, input) {
    const encoder = find(own, 'Encoder');
    const encode = encoder || find(own, 'Encode');
    if (!encode) throw new RealError('the codec has no encodeDownlink');
    const { data, fPort, variables } = input;
    const args = encoder ? [data, fPort, variables] : [fPort, data, variables];
    return asDownlink(apply(encode.call, encode.self, args), input);
  }

  function asDownlink(made, { fPort }) {
    return isArray(made) || isView(made) || typeof made === 'string' ? { bytes: made, fPort } : made;
  }

  function run(own, routine, input) {
    if (routine === 'decodeUplink') return decodeUplink(own, input);
    if (routine === 'encodeDownlink') return encodeDownlink(own, input);
    if (routine === 'normalizeUplink') {
      const result = decodeUplink(own, input);
      if (result && !result.normalized && !hasErrors(result)) throw new RealError('the codec has no normalizeUplink');
      return result && (result.normalized || result);
    }
    const found = find(own, routine);
    if (!found) throw new RealError('the codec has no ' + routine);
    return wrap(apply(found.call, found.self, [input]));
  }

  // ---- what comes out
  function answer(result) {
    if (result !== null && typeof result === 'object' && typeof result.then === 'function')
      return 'Ethe codec returned a promise; it must answer at once';
    const text = stringify(result);
    if (text === undefined) return 'Ethe codec returned nothing';
    if (text.length > MAX_ANSWER) return 'Fthe codec answered more than 64 KiB';
    if (!includes(text, 'null')) return 'V' + text;
    let names = '';
    const marked = stringify(result, (key, value) => {
      if (typeof value === 'number' && !isFinite(value)) names += (names ? ',' : '') + key;
      return value;
    });
    return names ? 'N' + slice(stringify(names), 0, 200) + '\n' + marked : 'V' + marked;
  }

  function refusal(thrown) {
    // Reading a thrown object may run the codec's getters: they are under the same limits as the call.
    let message = 'unknown';
    try {
      message = slice(toText(thrown && thrown.message !== undefined ? thrown.message : thrown), 0, 300);
    } catch {
      // stays unknown
    }
    // QuickJS throws null when there is no memory left even for an error.
    if (thrown === null) return 'Fthe codec threw null, or ran out of memory';
    if (Internal && thrown instanceof Internal) return 'F' + message;
    if (thrown instanceof Range && includes(message, 'call stack')) return 'F' + message;
    return 'E' + message;
  }

  // ChirpStack always gives variables; what an input has not got itself it finds here.
  const DEFAULTS = Object.create(Object.prototype);
  hide(DEFAULTS, 'variables', Object.freeze({}));
  Object.preventExtensions(DEFAULTS);

  // ---- what a message may leave behind
  const PROTOTYPES = [Array.prototype, String.prototype, Number.prototype, RealDate.prototype, Uint8Array.prototype];
  const HOLDERS = [...PROTOTYPES, Object.prototype, Object, Array, String, Number, FrozenDate, Math, JSON, console];
  /** Where a codec that may change the language could do so: holder, name, what stood there before the message. */
  const slots = [];
  let added = 0;

  function watch(words) {
    const named = { __proto__: null };
    for (const word of words.split(' ')) named[word] = true;
    for (const holder of [...HOLDERS, global, DEFAULTS])
      for (const name of Object.getOwnPropertyNames(holder)) if (named[name]) slots.push({ holder, name, value: 0 });
    for (const holder of PROTOTYPES) slots.push({ holder, name: Symbol.iterator, value: 0 });
  }

  /** Counts what was added to the language's own objects; for…in looks at their prototypes too. */
  function countAdded() {
    let count = 0;
    for (let i = 0; i < HOLDERS.length; i++) for (const name in HOLDERS[i]) count += name.length;
    return count;
  }

  function remember() {
    for (let i = 0; i < slots.length; i++) slots[i].value = slots[i].holder[slots[i].name];
    added = countAdded();
  }

  function isChanged() {
    for (let i = 0; i < slots.length; i++) if (!is(slots[i].value, slots[i].holder[slots[i].name])) return true;
    return countAdded() !== added;
  }

  /** Takes away the globals that the message made; tells whether something else stays changed. */
  function isSpoilt() {
    for (const name in global) if (!deleteProperty(global, name)) return true;
    return slots.length > 0 && isChanged();
  }

  function readInput(text) {
    const { nowMs: now, recvText, context, input } = parse(text);
    setPrototypeOf(input, DEFAULTS);
    nowMs = now;
    seed = 0x2545f491;
    offer(context);
    if (recvText === undefined) return input;
    const time = new RealDate(now);
    // In JSON it is the text that the network server gave, to its last digit and with its own offset.
    if (recvText !== null) hide(time, 'toJSON', () => recvText);
    input.recvTime = time;
    return input;
  }

  /**
   * Makes the call function of a codec. Its input text is {nowMs, recvText?, context?, input}: recvText null asks for
   * a plain recvTime, a text for one that reads as this text in JSON.
   * @param words the words of a codec's text, if it may change the language's own objects
   */
  function bind(build, words) {
    if (words !== undefined) watch(words);
    return (routine, text) => {
      let out;
      let offered = false;
      try {
        const input = readInput(text);
        offered = true;
        // As at the top of a script, `this` is the global object.
        const own = apply(build, global, []);
        // Polyfills that a codec brings along are no trace of a message.
        if (slots.length > 0) remember();
        out = answer(run(own, routine, input));
        first = false;
      } catch (thrown) {
        out = refusal(thrown);
      }
      return isSpoilt() || !offered ? 'D' + out : out;
    };
  }

  return { bind, hide, modules };
}
