/*
 * Node's Buffer, and the text coders, for codecs that mention them: ChirpStack and ThingPark offer Buffer beside the
 * language. The part of its interface that works on bytes, text and numbers; no streams, no pools.
 */
export default function install(kit) {
  'use strict';
  const { hide, modules } = kit;
  const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

  // ---- text to bytes and back
  function utf8Bytes(text) {
    const out = [];
    for (const char of text) {
      let code = char.codePointAt(0);
      if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
      if (code < 0x80) out.push(code);
      else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
    return out;
  }

  function utf8Text(bytes) {
    let out = '';
    for (let i = 0; i < bytes.length;) {
      const lead = bytes[i++];
      const more =
        lead < 0x80
          ? 0
          : lead >= 0xc2 && lead < 0xe0
            ? 1
            : lead >= 0xe0 && lead < 0xf0
              ? 2
              : lead >= 0xf0 && lead < 0xf5
                ? 3
                : -1;
      let code = more === 0 ? lead : more < 0 ? 0xfffd : lead & (0x3f >> more);
      for (let k = 0; k < more; k++) {
        const next = bytes[i];
        const low = k > 0 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
        const high = k > 0 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
        if (!(next >= low && next <= high)) {
          code = 0xfffd;
          break;
        }
        code = (code << 6) | (next & 63);
        i++;
      }
      out += String.fromCodePoint(code);
    }
    return out;
  }

  const latin1Bytes = (text) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i) & 255);
  const latin1Text = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

  function hexBytes(text) {
    const out = [];
    for (let i = 0; i + 1 < text.length; i += 2) {
      const pair = text.slice(i, i + 2);
      if (!/^[0-9a-fA-F]{2}$/.test(pair)) break;
      out.push(parseInt(pair, 16));
    }
    return out;
  }
  const hexText = (bytes) => Array.from(bytes, (byte) => (byte < 16 ? '0' : '') + byte.toString(16)).join('');

  function base64Bytes(text) {
    const out = [];
    let bits = 0;
    let held = 0;
    for (const char of text) {
      if (char === '=') break;
      const value = BASE64.indexOf(char === '-' ? '+' : char === '_' ? '/' : char);
      if (value < 0) continue;
      held = ((held << 6) | value) & 0xffffff;
      bits += 6;
      if (bits >= 8) out.push((held >> (bits -= 8)) & 255);
    }
    return out;
  }
  function base64Text(bytes) {
    let out = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const word = (bytes[i] << 16) | ((bytes[i + 1] || 0) << 8) | (bytes[i + 2] || 0);
      out += BASE64[word >> 18] + BASE64[(word >> 12) & 63];
      out += (i + 1 < bytes.length ? BASE64[(word >> 6) & 63] : '=') + (i + 2 < bytes.length ? BASE64[word & 63] : '=');
    }
    return out;
  }

  const utf16Bytes = (text) => Array.from(text.split(''), (c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]).flat();
  function utf16Text(bytes) {
    let out = '';
    for (let i = 0; i + 1 < bytes.length; i += 2) out += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
    return out;
  }

  const utf8 = { bytes: utf8Bytes, text: utf8Text };
  const latin1 = { bytes: latin1Bytes, text: latin1Text };
  const utf16 = { bytes: utf16Bytes, text: utf16Text };
  const ascii = { bytes: latin1Bytes, text: (bytes) => latin1Text(Array.from(bytes, (byte) => byte & 127)) };
  const base64 = { bytes: base64Bytes, text: base64Text };
  const url = (bytes) => base64Text(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
  const CODERS = {
    utf8,
    'utf-8': utf8,
    latin1,
    binary: latin1,
    ascii,
    base64,
    hex: { bytes: hexBytes, text: hexText },
  };
  Object.assign(CODERS, { base64url: { bytes: base64Bytes, text: url }, ucs2: utf16, 'ucs-2': utf16 });
  Object.assign(CODERS, { utf16le: utf16, 'utf-16le': utf16 });

  function coder(encoding) {
    if (encoding === undefined || encoding === null) return utf8;
    const found = CODERS[String(encoding).toLowerCase()];
    if (!found) throw new TypeError('Unknown encoding: ' + encoding);
    return found;
  }

  // ---- Buffer
  class Bytes extends Uint8Array {
    slice(start, end) {
      return this.subarray(start, end);
    }
    toString(encoding, start = 0, end = this.length) {
      return coder(encoding).text(Uint8Array.prototype.subarray.call(this, start, end));
    }
    toLocaleString(encoding) {
      return this.toString(encoding);
    }
    toJSON() {
      return { type: 'Buffer', data: Array.from(this) };
    }
    equals(other) {
      return Buffer.compare(this, other) === 0;
    }
    compare(target, from = 0, to = target.length, start = 0, end = this.length) {
      return Buffer.compare(this.subarray(start, end), target.subarray(from, to));
    }
    copy(target, at = 0, start = 0, end = this.length) {
      const part = this.subarray(start, Math.min(end, start + target.length - at));
      target.set(part, at);
      return part.length;
    }
    fill(value, start = 0, end = this.length, encoding) {
      if (typeof start === 'string') return this.fill(value, 0, this.length, start);
      if (typeof value === 'number') return super.fill(value & 255, start, end);
      const source = typeof value === 'string' ? coder(encoding).bytes(value) : value;
      for (let i = start; i < end; i++) this[i] = source.length > 0 ? source[(i - start) % source.length] : 0;
      return this;
    }
    write(text, at = 0, length = this.length, encoding) {
      if (typeof at === 'string') return this.write(text, 0, this.length, at);
      if (typeof length === 'string') return this.write(text, at, this.length, length);
      const part = coder(encoding)
        .bytes(text)
        .slice(0, Math.min(length, this.length - at));
      this.set(part, at);
      return part.length;
    }
    indexOf(value, from = 0, encoding) {
      const wanted = wantedBytes(value, encoding);
      for (let i = Math.max(0, from < 0 ? this.length + from : from); i + wanted.length <= this.length; i++)
        if (wanted.every((byte, k) => this[i + k] === byte)) return i;
      return -1;
    }
    lastIndexOf(value, from = this.length, encoding) {
      const wanted = wantedBytes(value, encoding);
      for (let i = Math.min(from, this.length - wanted.length); i >= 0; i--)
        if (wanted.every((byte, k) => this[i + k] === byte)) return i;
      return -1;
    }
    includes(value, from, encoding) {
      return this.indexOf(value, from, encoding) >= 0;
    }
    readUIntBE(at, count) {
      let value = 0;
      for (let i = 0; i < count; i++) value = value * 256 + this.readUInt8(at + i);
      return value;
    }
    readUIntLE(at, count) {
      let value = 0;
      for (let i = count - 1; i >= 0; i--) value = value * 256 + this.readUInt8(at + i);
      return value;
    }
    readIntBE(at, count) {
      return signed(this.readUIntBE(at, count), count);
    }
    readIntLE(at, count) {
      return signed(this.readUIntLE(at, count), count);
    }
    writeUIntBE(value, at, count) {
      for (let i = count - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) this[at + i] = rest & 255;
      return at + count;
    }
    writeUIntLE(value, at, count) {
      for (let i = 0, rest = value; i < count; i++, rest = Math.floor(rest / 256)) this[at + i] = rest & 255;
      return at + count;
    }
    writeIntBE(value, at, count) {
      return this.writeUIntBE(value < 0 ? value + 256 ** count : value, at, count);
    }
    writeIntLE(value, at, count) {
      return this.writeUIntLE(value < 0 ? value + 256 ** count : value, at, count);
    }
  }

  function wantedBytes(value, encoding) {
    if (typeof value === 'number') return [value & 255];
    return typeof value === 'string' ? coder(encoding).bytes(value) : Array.from(value);
  }

  function signed(value, count) {
    return value >= 256 ** count / 2 ? value - 256 ** count : value;
  }

  function addNumber(name, method, size, range) {
    const isLittle = name.endsWith('LE');
    const [get, set] = ['get' + method, 'set' + method];
    function read(at = 0) {
      return viewOf(this)[get](at, isLittle);
    }
    function write(value, at = 0) {
      if (range && (value < range[0] || value > range[1]))
        throw new RangeError('The value of "value" is out of range. Received ' + value);
      viewOf(this)[set](at, value, isLittle);
      return at + size;
    }
    for (const alias of [name, name.replace('UInt', 'Uint')]) {
      hide(Bytes.prototype, 'read' + alias, read);
      hide(Bytes.prototype, 'write' + alias, write);
    }
  }
  addNumber('UInt8', 'Uint8', 1, [0, 255]);
  addNumber('Int8', 'Int8', 1, [-128, 127]);
  for (const order of ['LE', 'BE']) {
    addNumber('UInt16' + order, 'Uint16', 2, [0, 65535]);
    addNumber('Int16' + order, 'Int16', 2, [-32768, 32767]);
    addNumber('UInt32' + order, 'Uint32', 4, [0, 4294967295]);
    addNumber('Int32' + order, 'Int32', 4, [-2147483648, 2147483647]);
    addNumber('Float' + order, 'Float32', 4);
    addNumber('Double' + order, 'Float64', 8);
    addNumber('BigInt64' + order, 'BigInt64', 8);
    addNumber('BigUInt64' + order, 'BigUint64', 8);
  }
  for (const size of [2, 4, 8])
    hide(Bytes.prototype, 'swap' + size * 8, function swap() {
      for (let at = 0; at < this.length; at += size) this.subarray(at, at + size).reverse();
      return this;
    });

  function from(source, encodingOrOffset, length) {
    if (typeof source === 'string') return new Bytes(coder(encodingOrOffset).bytes(source));
    if (source instanceof ArrayBuffer) return new Bytes(source, encodingOrOffset, length);
    if (source === null || typeof source !== 'object') throw new TypeError('Buffer.from needs bytes or text');
    if (source.type === 'Buffer' && Array.isArray(source.data)) return new Bytes(source.data);
    const plain = source.length === undefined && source.valueOf ? source.valueOf() : source;
    return plain === source ? new Bytes(source) : from(plain, encodingOrOffset, length);
  }

  // A plain function, since old codecs call it without `new`.
  function Buffer(source, encodingOrOffset, length) {
    return typeof source === 'number' ? new Bytes(source) : from(source, encodingOrOffset, length);
  }
  Buffer.prototype = Bytes.prototype;
  Object.setPrototypeOf(Buffer, Uint8Array);
  hide(Bytes.prototype, 'constructor', Buffer);
  Object.assign(Buffer, {
    poolSize: 8192,
    from,
    of: (...bytes) => new Bytes(bytes),
    alloc: (size, fill, encoding) =>
      fill === undefined ? new Bytes(size) : new Bytes(size).fill(fill, 0, size, encoding),
    allocUnsafe: (size) => new Bytes(size),
    allocUnsafeSlow: (size) => new Bytes(size),
    isBuffer: (value) => value instanceof Bytes,
    isEncoding: (encoding) => String(encoding).toLowerCase() in CODERS,
    byteLength: (value, encoding) =>
      typeof value === 'string' ? coder(encoding).bytes(value).length : value.byteLength,
    concat(list, total) {
      const bytes = list.flatMap((part) => Array.from(part));
      const whole = new Bytes(total === undefined ? bytes.length : total);
      whole.set(bytes.slice(0, whole.length));
      return whole;
    },
    compare(a, b) {
      for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
      return Math.sign(a.length - b.length);
    },
  });

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }
    encode(text = '') {
      return new Uint8Array(utf8Bytes(String(text)));
    }
  }
  class TextDecoder {
    constructor(label = 'utf-8') {
      this.encoding = String(label).toLowerCase();
      this.coder = coder(this.encoding.replace(/^iso-8859-1$|^windows-1252$|^us-ascii$/, 'latin1'));
    }
    decode(bytes = []) {
      const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
      return this.coder.text(view).replace(/^\uFEFF/, '');
    }
  }
  const atob = (text) => latin1Text(base64Bytes(String(text)));
  const btoa = (text) => base64Text(latin1Bytes(String(text)));
  for (const [name, value] of Object.entries({ Buffer, TextEncoder, TextDecoder, atob, btoa }))
    hide(globalThis, name, value);
  modules.buffer = modules['node:buffer'] = { Buffer, atob, btoa };
  modules.util = modules['node:util'] = { TextEncoder, TextDecoder };
}
