// Dingtek DC410. Source: DC410 LoRaWAN protocol as vectored in the device repository, port 3, big endian.
// Byte 3 tells the kind: 01 periodic and 02 alarm carry level (5, mm down to the surface), temperature (8), sign (9) and
// size (10) of the angle, full (11), motion and battery (12), counter (13); 03 tells the settings in 25 bytes.
function decodeUplink(input) {
  if (input.fPort !== 3) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  if (b.length !== (b[3] === 0x03 ? 25 : 17)) return { errors: ['wrong length'] };
  if (!isFrame(b)) return { errors: ['no frame: it must begin with 80, end with 81 and tell its length'] };
  if (b[3] === 0x03) return { data: settings(b) };
  return {
    data: {
      level: u16(b, 5) + ' mm',
      full: b[11] >> 4 > 0,
      motion: b[12] >> 4 > 0,
      battery: (b[12] & 15) > 0,
      angle: (b[9] & 15 ? 0 - b[10] : b[10]) + ' °',
      temperature: i8(b[8]) + ' ℃',
      frame_counter: u16(b, 13),
    },
  };
}

function settings(b) {
  return {
    periodic_upload_interval: b[7] + ' hours',
    periodic_detection_interval: b[8] + ' minutes',
    full_alarm_threshold: b[9] + ' cm',
    motion_alarm_threshold: b[11] + ' °',
    motion_alarm_enable: b[12] > 0,
    ultrasonic_range: (b[13] === 0 ? 2000 : 5000) + ' mm',
  };
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
  periodic_upload_interval: { code: '01', min: 1, max: 168, unit: 'hours' },
  periodic_detection_interval: { code: '08', min: 1, max: 60, unit: 'minutes' },
  full_alarm_threshold: { code: '02', min: 15, max: 255, unit: 'cm' },
  motion_alarm_threshold: { code: '04', min: 15, max: 90, unit: '°' },
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
