// Dingtek DF703. Source: "DF702 & DF703 Waste Bin Sensor Protocol, LoRaWAN" V2.8, port 3, big endian but for the place.
// Byte 3 tells the kind: 01 periodic and 02 alarm carry level (5, mm from the sensor to the waste), GPS flag (7), then 8
// bytes of place where the frame has 25 bytes, temperature, sign and size of the angle, alarms, counter; 03 the settings.
function decodeUplink(input) {
  if (input.fPort !== 3) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  if (b.length !== 17 && b.length !== 25) return { errors: ['wrong length'] };
  if (!isFrame(b)) return { errors: ['no frame: it must begin with 80, end with 81 and tell its length'] };
  if (b[3] === 0x03) return b.length === 25 ? { data: settings(b) } : { errors: ['wrong length'] };
  var data = { level: u16(b, 5) };
  var at = 8;
  if (b.length === 25) {
    data.longitude = degrees(b, 8);
    data.latitude = degrees(b, 12);
    at = 16;
  }
  data.alarmLevel = b[at + 3] >> 4 > 0;
  data.alarmFire = (b[at + 3] & 15) > 0;
  data.alarmFall = b[at + 4] >> 4 > 0;
  data.alarmBattery = (b[at + 4] & 15) > 0;
  // 0 - x keeps zero without a sign
  data.angle = b[at + 1] & 15 ? 0 - b[at + 2] : b[at + 2];
  data.temperature = i8(b[at]);
  data.frameCounter = u16(b, at + 5);
  return { data: data };
}

function settings(b) {
  return {
    firmware: b[5] + '.' + b[6],
    uploadInterval: b[7],
    detectInterval: b[8],
    levelThreshold: b[9],
    fireThreshold: b[10],
    fallThreshold: b[11],
    fallEnable: b[12] > 0,
    workMode: b[13],
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

// The protocol does not say whether the byte is signed; taken unsigned, -1 degree shows as 255.
function i8(byte) {
  return byte > 127 ? byte - 256 : byte;
}

// Downlink: ASCII "8002", any serial "9999", two hexadecimal digits of the command, two of the value, "81".
var COMMANDS = {
  uploadInterval: { code: '01', min: 1, max: 168, unit: 'hours' },
  detectInterval: { code: '08', min: 1, max: 60, unit: 'minutes' },
  levelThreshold: { code: '02', min: 15, max: 255, unit: 'cm' },
  fireThreshold: { code: '03', min: 0, max: 127, unit: '°C' },
  fallThreshold: { code: '04', min: 15, max: 90, unit: '°' },
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
