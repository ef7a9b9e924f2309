// Pepperl+Fuchs WILSEN.sonic.distance. Source: "Description of the payload", WILSEN.sonic, port 1, big endian:
// a run of [length, 2-byte identifier, value]; the length counts identifier and value.
var FIELDS = {
  '0201': { size: 4, put: function (data, v) { data.temp = Number(float(v).toFixed(1)); } },
  // the older firmware tells centimetres, the newer one millimetres
  '0b01': { size: 2, put: function (data, v) { data.proxx = number(v); } },
  '0b02': { size: 2, put: function (data, v) { data.proxx_mm = number(v); } },
  '0b06': { size: 1, put: function (data, v) { data.fillinglvl = v[0]; } },
  '0b07': { size: 1, put: function (data, v) { data.amplitude = v[0]; } },
  '2a25': { size: 14, put: function (data, v) { data.serial_nr = String.fromCharCode.apply(null, v).replace(/\0.*/, ''); } },
  '3101': { size: 2, put: function (data, v) { data.lora_count = number(v); } },
  '3102': { size: 2, put: function (data, v) { data.gps_count = number(v); } },
  '3103': { size: 4, put: function (data, v) { data.us_sensor_count = number(v); } },
  '5001': { size: 4, put: function (data, v) { data.latitude = signed(v) / 1000000; } },
  '5002': { size: 4, put: function (data, v) { data.longitude = signed(v) / 1000000; } },
  '5101': { size: 1, put: function (data, v) { data.battery_vol = v[0] / 10; } },
};

function decodeUplink(input) {
  if (input.fPort !== 1) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  if (b.length === 0) return { errors: ['the payload is empty'] };
  var data = { payload: b.map(hex).join('').toUpperCase() };
  var warnings = [];
  for (var at = 0; at < b.length; at += b[at] + 1) {
    if (b[at] < 2 || at + b[at] >= b.length) return { errors: ['the payload ends inside a field, at byte ' + at] };
    var name = hex(b[at + 1]) + hex(b[at + 2]);
    var field = Object.prototype.hasOwnProperty.call(FIELDS, name) ? FIELDS[name] : undefined;
    if (!field) warnings.push('unknown field ' + name + ', left out');
    else if (b[at] - 2 < field.size) return { errors: ['field ' + name + ' is too short'] };
    else field.put(data, b.slice(at + 3, at + 3 + field.size));
  }
  return { data: data, warnings: warnings };
}

function number(v) {
  return v.reduce(function (sum, byte) { return sum * 256 + byte; }, 0);
}

function signed(v) {
  return v[0] > 127 ? number(v) - 4294967296 : number(v);
}

// IEEE 754, single precision
function float(v) {
  var exponent = ((v[0] & 127) << 1) | (v[1] >> 7);
  var mantissa = ((v[1] & 127) << 16) | (v[2] << 8) | v[3];
  if (exponent === 255) return NaN;
  var size = exponent === 0 ? mantissa * Math.pow(2, -149) : (1 + mantissa / 8388608) * Math.pow(2, exponent - 127);
  return v[0] > 127 ? -size : size;
}

function hex(byte) {
  return (byte < 16 ? '0' : '') + byte.toString(16);
}
