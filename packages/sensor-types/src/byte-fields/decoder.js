// Decodes payloads by a table of byte fields. Runs inside the sandbox, in front of it stands `var SPEC = …` (compile.ts);
// plain ES5 like any codec, so that it needs nothing of its surroundings.

function decodeUplink(input) {
  var frame = null;
  for (var i = 0; i < SPEC.length && !frame; i++) if (fits(SPEC[i], input)) frame = SPEC[i];
  if (!frame) return { errors: ['no frame fits port ' + input.fPort + ' with ' + input.bytes.length + ' bytes'] };
  var out = { data: {}, warnings: [], error: null };
  var at = readFields(frame.fields, input.bytes, out);
  if (frame.tlv && !out.error) readItems(frame, input.bytes, at, out);
  if (out.error) return { errors: [out.error] };
  return out.warnings.length > 0 ? { data: out.data, warnings: out.warnings } : { data: out.data };
}

function fits(frame, input) {
  var size = input.bytes.length;
  if (frame.ports && !inSpans(frame.ports, input.fPort)) return false;
  if (frame.length && !inSpans([frame.length], size)) return false;
  return allHold(frame.when, input.bytes);
}

function inSpans(spans, value) {
  for (var i = 0; i < spans.length; i++) if (value >= spans[i][0] && value <= spans[i][1]) return true;
  return false;
}

function allHold(conditions, bytes) {
  for (var i = 0; conditions && i < conditions.length; i++) {
    var one = conditions[i];
    var byte = bytes[one.byte < 0 ? bytes.length + one.byte : one.byte];
    if (byte === undefined) return false;
    var masked = one.mask === undefined ? byte : byte & one.mask;
    if (one.equals.indexOf(masked) < 0) return false;
  }
  return true;
}

/** Reads fields one behind the other, or where they say; gives where the last one ended. */
function readFields(fields, bytes, out) {
  var next = 0;
  for (var i = 0; i < fields.length && !out.error; i++) {
    var field = fields[i];
    if (!allHold(field.when, bytes)) continue;
    if (field.value !== undefined) {
      out.data[field.name] = field.value;
      continue;
    }
    var at = field.at === undefined ? next : field.at < 0 ? bytes.length + field.at : field.at;
    var size = field.size === 0 ? Math.max(0, bytes.length - at) : field.size;
    if (at < 0 || at + size > bytes.length) {
      if (!field.optional) out.error = 'the payload ends inside "' + field.name + '"';
      continue;
    }
    next = at + size;
    if (!field.skip) out.data[field.name] = meaning(field, bytes.slice(at, next));
  }
  return next;
}

function readItems(frame, bytes, start, out) {
  var tlv = frame.tlv;
  var at = start;
  while (at < bytes.length && !out.error) {
    if (at + tlv.idBytes > bytes.length) {
      out.error = 'the payload ends inside an id';
      return;
    }
    var id = unsigned(bytes.slice(at, at + tlv.idBytes));
    var name = '0x' + hex(bytes.slice(at, at + tlv.idBytes));
    var item = tlv.items[id];
    var isFirst = at === start;
    at += tlv.idBytes;
    if (tlv.lengthByte && at >= bytes.length) {
      out.error = 'the payload ends inside the length of ' + name;
      return;
    }
    var size = tlv.lengthByte ? bytes[at++] : item && item.size;
    if (size === undefined) {
      // Its length is unknown, so nothing behind it can be read.
      if (isFirst) out.error = 'unknown id ' + name;
      else out.warnings.push('unknown id ' + name + ', the rest is left out');
      return;
    }
    if (at + size > bytes.length) {
      out.error = 'the payload ends inside ' + name;
      return;
    }
    if (item) readFields(item.fields, bytes.slice(at, at + size), out);
    else out.warnings.push('unknown id ' + name + ' is left out');
    at += size;
  }
  if (at === start && start === 0) out.error = 'the payload is empty';
}

function meaning(field, slice) {
  var raw = rawOf(field, slice);
  var sentinel = raw === null ? undefined : field.sentinel && field.sentinel[raw];
  if (sentinel !== undefined) return sentinel;
  if (field.map) return Object.prototype.hasOwnProperty.call(field.map, raw) ? field.map[raw] : 'unknown ' + raw;
  if (typeof raw !== 'number') return raw;
  var exact = field.type === 'f32' ? shortest(raw) : raw;
  // Twelve digits: without the noise of binary fractions.
  return Number((exact * field.scale + field.add).toPrecision(12));
}

/** The shortest number that has the same 32 bits: 27.2 instead of 27.200000762939453. */
function shortest(value) {
  for (var digits = 6; digits < 9; digits++) {
    var short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/** Gives the number or text as it stands in the bytes; null when the bytes cannot be one. */
function rawOf(field, slice) {
  var ordered = field.little ? slice.slice().reverse() : slice;
  if (field.type === 'ascii') return textOf(slice);
  if (field.type === 'hex') return hex(slice);
  if (field.type === 'bcd') return /^\d+$/.test(hex(ordered)) ? Number(hex(ordered)) : null;
  if (field.type === 'f32' || field.type === 'f64') return floatOf(field.type, ordered);
  var value = unsigned(ordered);
  var width = field.size * 8;
  if (field.bits) {
    width = field.bits[1] - field.bits[0] + 1;
    value = Math.floor(value / Math.pow(2, field.bits[0])) % Math.pow(2, width);
  }
  var isNegative = field.signed && value >= Math.pow(2, width - 1);
  return isNegative ? value - Math.pow(2, width) : value;
}

function unsigned(bytes) {
  var value = 0;
  for (var i = 0; i < bytes.length; i++) value = value * 256 + bytes[i];
  return value;
}

function floatOf(type, ordered) {
  var view = new DataView(new ArrayBuffer(8));
  for (var i = 0; i < ordered.length; i++) view.setUint8(i, ordered[i]);
  var value = type === 'f32' ? view.getFloat32(0) : view.getFloat64(0);
  return isFinite(value) ? value : null;
}

function textOf(bytes) {
  var text = '';
  for (var i = 0; i < bytes.length && bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

function hex(bytes) {
  var text = '';
  for (var i = 0; i < bytes.length; i++) text += (bytes[i] < 16 ? '0' : '') + bytes[i].toString(16);
  return text;
}
