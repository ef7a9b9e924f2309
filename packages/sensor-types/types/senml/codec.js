// SenML over any port. Source: RFC 8428; section 4 (JSON labels), section 6 table 4 (CBOR labels), RFC 8949 for CBOR itself.
// A pack is an array of records; base fields hold for the records behind them.
var LABELS = { '-2': 'bn', '-3': 'bt', '-4': 'bu', '-5': 'bv', '-6': 'bs', '0': 'n', '1': 'u', '2': 'v', '3': 'vs', '4': 'vb', '5': 's', '6': 't', '7': 'ut', '8': 'vd' };

function decodeUplink(input) {
  if (input.bytes.length === 0) return { errors: ['the payload is empty'] };
  // '[' opens JSON; a CBOR array begins with 0x80 to 0x9f.
  var isJson = input.bytes[0] === 0x5b;
  var pack;
  try {
    pack = isJson ? JSON.parse(utf8(input.bytes)) : readCbor(input.bytes);
  } catch (fault) {
    return { errors: [isJson ? 'the JSON cannot be read' : 'no SenML in JSON or CBOR: ' + fault.message] };
  }
  if (!Array.isArray(pack)) return { errors: ['a SenML pack is an array of records'] };
  return resolve(pack, input.recvTime.getTime() / 1000);
}

function resolve(pack, nowS) {
  var base = { bn: '', bt: 0, bu: undefined, bv: 0 };
  var data = {};
  for (var i = 0; i < pack.length; i++) {
    var record = pack[i];
    if (record === null || typeof record !== 'object') return { errors: ['record ' + i + ' is no object'] };
    for (var name in base) if (record[name] !== undefined) base[name] = record[name];
    var value = valueOf(record, base);
    if (value === undefined) continue;
    var entry = { value: value };
    if (record.u !== undefined || base.bu !== undefined) entry.unit = record.u !== undefined ? record.u : base.bu;
    if (record.t !== undefined || base.bt !== 0) entry.time = timeOf(base.bt + (record.t || 0), nowS);
    var key = localName(String(base.bn), record.n === undefined ? '' : String(record.n));
    // The same name again is another moment of it.
    if (data[key] === undefined) data[key] = entry;
    else if (Array.isArray(data[key])) data[key].push(entry);
    else data[key] = [data[key], entry];
  }
  return { data: data };
}

// Section 4.5.1: a base value is added to numbers only.
function valueOf(record, base) {
  if (typeof record.v === 'number') return record.v + base.bv;
  if (record.vb !== undefined) return record.vb;
  if (record.vs !== undefined) return record.vs;
  return record.v === null ? null : undefined;
}

// Section 4.5.3: below 2^28 a time counts from now.
function timeOf(seconds, nowS) {
  return seconds < 268435456 ? nowS + seconds : seconds;
}

// The record's own name is [chamber/]quantity, behind the device's where it has one: "urn:dev:mac:0024befffe804ff1_fill".
// Without a name of its own the last part of the base name is the quantity.
function localName(baseName, name) {
  var plain = (name || baseName).replace(/^urn:dev:\w+:[^/_:]*[_:/]?/, '').split('/');
  return plain.slice(name ? -2 : -1).join('/');
}

function utf8(bytes) {
  var text = '';
  for (var i = 0; i < bytes.length; i++) text += '%' + (bytes[i] < 16 ? '0' : '') + bytes[i].toString(16);
  return decodeURIComponent(text);
}

function readCbor(bytes) {
  var reader = { bytes: bytes, at: 0 };
  var value = readItem(reader, 0);
  if (reader.at < bytes.length) throw new Error('bytes behind the end');
  return value;
}

function take(reader, count) {
  if (reader.at + count > reader.bytes.length) throw new Error('the payload ends early');
  reader.at += count;
  return reader.bytes.slice(reader.at - count, reader.at);
}

function readItem(reader, depth) {
  if (depth > 4) throw new Error('nested too deep');
  var head = take(reader, 1)[0];
  var major = head >> 5;
  if (major === 7) return readSimple(reader, head & 31);
  var length = readLength(reader, head & 31);
  if (major === 0) return length;
  if (major === 1) return -1 - length;
  if (major === 2) return take(reader, length);
  if (major === 3) return utf8(take(reader, length));
  if (major === 4) return readArray(reader, length, depth);
  if (major === 5) return readMap(reader, length, depth);
  return readItem(reader, depth + 1);
}

function readLength(reader, info) {
  if (info < 24) return info;
  if (info > 27) throw new Error('a length that is not given is not read');
  var bytes = take(reader, 1 << (info - 24));
  var value = 0;
  for (var i = 0; i < bytes.length; i++) value = value * 256 + bytes[i];
  return value;
}

function readArray(reader, length, depth) {
  var list = [];
  for (var i = 0; i < length; i++) list.push(readItem(reader, depth + 1));
  return list;
}

function readMap(reader, length, depth) {
  var map = {};
  for (var i = 0; i < length; i++) {
    var label = readItem(reader, depth + 1);
    map[LABELS[label] || label] = readItem(reader, depth + 1);
  }
  return map;
}

function readSimple(reader, info) {
  if (info === 20 || info === 21) return info === 21;
  if (info === 22 || info === 23) return null;
  if (info === 25) return half(take(reader, 2));
  var size = info === 26 ? 4 : info === 27 ? 8 : 0;
  if (size === 0) throw new Error('simple value ' + info + ' is not read');
  var bytes = take(reader, size);
  var view = new DataView(new ArrayBuffer(8));
  for (var i = 0; i < size; i++) view.setUint8(i, bytes[i]);
  return size === 4 ? view.getFloat32(0) : view.getFloat64(0);
}

// RFC 8949, appendix D.
function half(bytes) {
  var exponent = (bytes[0] >> 2) & 31;
  var fraction = ((bytes[0] & 3) << 8) | bytes[1];
  var value = exponent === 0 ? fraction * Math.pow(2, -24) : exponent === 31 ? (fraction ? NaN : Infinity) : (1024 + fraction) * Math.pow(2, exponent - 25);
  return bytes[0] & 128 ? -value : value;
}
