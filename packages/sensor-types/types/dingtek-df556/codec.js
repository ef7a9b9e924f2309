// Dingtek DF556. Source: DF556 LoRaWAN protocol as vectored in the device repository, port 3, big endian but for the place.
// Kinds 01 and 02: level (5, mm of liquid over the probe), GPS flag (7), then 8 bytes of place where the frame has 26
// bytes, three reserved, alarms (level; battery), volt (0.01 V), counter. Kind 03: settings in 17 bytes.
function decodeUplink(input) {
  if (input.fPort !== 3) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  var isSettings = b[3] === 0x03;
  if (isSettings ? b.length !== 17 : b.length !== 18 && b.length !== 26) return { errors: ['wrong length'] };
  if (!isFrame(b)) return { errors: ['no frame: it must begin with 80, end with 81 and tell its length'] };
  if (isSettings) return { data: settings(b) };
  var data = { level: u16(b, 5), gpsEnabled: b[7] > 0 };
  var at = b.length === 26 ? 19 : 11;
  if (b.length === 26) {
    data.longitude = degrees(b, 8);
    data.latitude = degrees(b, 12);
  }
  data.alarmLevel = b[at] >> 4 > 0;
  data.alarmBattery = (b[at + 1] & 15) > 0;
  data.volt = u16(b, at + 2);
  data.frameCounter = u16(b, at + 4);
  return { data: data };
}

function settings(b) {
  return {
    firmware: b[5] + '.' + b[6],
    uploadInterval: u16(b, 7),
    detectInterval: b[9],
    levelThreshold: b[10],
    density: u16(b, 12),
    batteryThreshold: b[14],
    workMode: b[15],
  };
}

// Little-endian float in degrees. The vendor's own vectors divide the mantissa by 2^23 - 1 instead of 2^23, which moves
// a place by less than a metre; kept, so that its vectors are reproduced.
function degrees(b, at) {
  var mantissa = 1 + (((b[at + 2] & 127) << 16) | (b[at + 1] << 8) | b[at]) / 0x7fffff;
  var exponent = ((b[at + 3] & 127) << 1) | (b[at + 2] >> 7);
  if (exponent === 0) return '0.000000';
  return ((b[at + 3] & 128 ? -1 : 1) * mantissa * Math.pow(2, exponent - 127)).toFixed(6);
}

// A frame: 80 00, device type, message kind, its length, ..., 81.
function isFrame(b) {
  return b.length > 5 && b[0] === 0x80 && b[4] === b.length && b[b.length - 1] === 0x81;
}

function u16(b, at) {
  return (b[at] << 8) | b[at + 1];
}

// Downlink: ASCII "8002", any serial "9999", two hexadecimal digits of the command, two or four of the value, "81".
var COMMANDS = {
  uploadInterval: { code: '01', min: 1, max: 65535, unit: 'minutes', digits: 4 },
  detectInterval: { code: '08', min: 1, max: 60, unit: 'minutes' },
  levelThreshold: { code: '02', min: 1, max: 255, unit: 'cm' },
};

function encodeDownlink(input) {
  var name = Object.keys(input.data)[0];
  var command = Object.prototype.hasOwnProperty.call(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) return { errors: ['no setting 0..9 of this name: ' + name] };
  var value = input.data[name];
  if (!(value >= command.min && value <= command.max)) {
    return { errors: [name + ' must be ' + command.min + ' to ' + command.max + ' ' + command.unit] };
  }
  var text = '80029999' + command.code + digits(value, command.digits || 2) + '81';
  return { bytes: text.split('').map(function (c) { return c.charCodeAt(0); }), fPort: 3 };
}

function digits(value, count) {
  return ('000' + value.toString(16)).slice(-count).toUpperCase();
}
