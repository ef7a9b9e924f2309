/*
 * Node's Buffer for codecs that mention it: ChirpStack and ThingPark offer it beside the language. The part of its
 * interface that works on bytes, text and numbers; no streams, no pools. Stands on coders.js.
 */
export default function install(kit) {
  'use strict';
  const { coder, hide, isEncoding, modules } = kit;
  const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

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
    isEncoding,
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
  hide(globalThis, 'Buffer', Buffer);
  modules.buffer = modules['node:buffer'] = { Buffer };
}
