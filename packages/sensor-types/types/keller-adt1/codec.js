// Keller ADT1 and ARC1 with a level probe. Source: "ADT1 LoRa data communication protocol", 02/2020, big endian:
// function 1 = measured values: connection type (1 byte), a bit for each channel sent (2), one float per channel;
// function 12 = device information. What a channel is follows from the connection type (section 3.1).
var PROBE = ['P1', 'P2', 'T', 'TOB1', 'TOB2'];
var BARO = ['PBaro', 'TBaro'];
var VOLTS = ['Volt Inp. 1', 'Volt Inp. 2'];
var CHANNELS = {
  0: ['Pd (P1-P2)'].concat(PROBE),
  1: ['Pd (P1-P2)'].concat(PROBE),
  2: ['Pd (P1-PBaro)'].concat(PROBE, BARO),
  3: ['Pd (P1-PBaro)'].concat(PROBE, BARO),
  4: ['Pd (P1-P2)'].concat(PROBE, BARO, VOLTS),
  5: ['Pd (P1-PBaro)'].concat(PROBE, BARO, VOLTS),
  6: ['Pd (P1-P2)'].concat(PROBE, BARO, VOLTS, ['P1 (2)', 'P1 (3)', 'P1 (4)', 'P1 (5)', 'Counter input']),
};

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length === 0) return { errors: ['the payload is empty'] };
  var data = { func: b[0], port: input.fPort, payload: b.map(hex).join('') };
  if (b[0] === 1) return readValues(data, b);
  if (b[0] === 12) return readInformation(data, b);
  return { data: data, warnings: ['function ' + b[0] + ' carries no measurement that is read here'] };
}

function readValues(data, b) {
  if (b.length < 4) return { errors: ['the payload ends before its channels'] };
  var names = CHANNELS[b[1]];
  if (!names) return { errors: ['connection type ' + b[1] + ' is not one of a level probe (0 to 6)'] };
  var mask = (b[2] << 8) | b[3];
  data.ct = b[1];
  data.channel = (0x10000 + mask).toString(2).slice(1);
  var sent = [];
  for (var bit = 0; bit < 16; bit++) if ((mask >> bit) & 1) sent.push(bit);
  data.channelCount = sent.length;
  if (b.length !== 4 + 4 * sent.length) return { errors: ['the payload is not as long as its channels say'] };
  sent.forEach(function (channel, i) {
    if (names[channel] !== undefined) data[names[channel]] = float(b, 4 + 4 * i);
  });
  return { data: data };
}

function readInformation(data, b) {
  if (b.length < 20) return { errors: ['device information has 20 bytes, not ' + b.length] };
  data.battery_voltage = float(b, 14);
  data.battery_capacity_percentage = b[18];
  data.humidity_percentage = b[19];
  data.class_group_text = two(b[2]) + '.' + two(b[3]);
  data.sw_version_text = two(b[4]) + '.' + two(b[5]);
  data.serial_number = u32(b, 6);
  // The device counts seconds from 2000-01-01.
  var at = new Date(Date.UTC(2000, 0, 1) + u32(b, 10) * 1000);
  data.device_local_datetime = at.toISOString().slice(0, 19).replace('T', ' ');
  return { data: data };
}

function u32(b, at) {
  return ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0;
}

// IEEE 754, single precision; what is no number stays none.
function float(b, at) {
  var bits = u32(b, at);
  var exponent = (bits >>> 23) & 0xff;
  var mantissa = bits & 0x7fffff;
  if (exponent === 0xff) return null;
  var size = exponent === 0 ? mantissa * 2 : mantissa | 0x800000;
  return (bits >>> 31 ? -size : size) * Math.pow(2, exponent - 150);
}

function two(number) {
  return (number < 10 ? '0' : '') + number;
}

function hex(byte) {
  return ((byte < 16 ? '0' : '') + byte.toString(16)).toUpperCase();
}
