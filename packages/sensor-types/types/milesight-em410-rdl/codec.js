// Milesight EM410-RDL. Source: user guide, chapter "Device payload": a message is a run of
// [channel, type, value]; numbers are little endian, distances signed; port 85.
// Distances -3 (0xFFFD), -2 (0xFFFE) and -1 (0xFFFF) stand for no target, disabled and sensor exception.
var ALARMS = ['threshold alarm release', 'threshold alarm', 'mutation alarm'];
var EXCEPTIONS = ['blind spot alarm release', 'blind spot alarm', 'no target', 'sensor exception'];
var CHANNELS = {
  '01:75': { size: 1, put: function (data, b) { data.battery = b[0]; } },
  '03:67': { size: 2, put: function (data, b) { data.temperature = i16(b, 0) / 10; } },
  '04:82': { size: 2, put: function (data, b) { data.distance = i16(b, 0); } },
  // 01 when leaning
  '05:00': { size: 1, put: function (data, b) { data.position = b[0] === 1 ? 'tilt' : 'normal'; } },
  // strength of the radar echo, 0.01 dB
  '06:c7': { size: 2, put: function (data, b) { data.radar_signal_rssi = i16(b, 0) / 100; } },
  '84:82': { size: 3, put: function (data, b) { putAlarm(data, b, 'distance_alarm', ALARMS[b[2]]); } },
  '94:82': { size: 5, put: putMutation },
  'b4:82': { size: 3, put: function (data, b) { putAlarm(data, b, 'distance_exception', EXCEPTIONS[b[2]]); } },
  // stored reading: Unix seconds, distance, temperature, change, event bits
  '20:ce': { size: 11, put: putHistory },
  // channel ff: what the device tells of itself after joining
  'ff:01': { size: 1, put: function (data, b) { data.protocol_version = b[0]; } },
  'ff:09': { size: 2, put: function (data, b) { data.hardware_version = b[0] + '.' + (b[1] >> 4); } },
  'ff:0a': { size: 2, put: function (data, b) { data.software_version = b[0] + '.' + b[1].toString(16); } },
  'ff:0b': { size: 1, put: function (data) { data.power_on = true; } },
  'ff:0f': { size: 1, put: function (data, b) { data.lorawan_class = 'ABC'.charAt(b[0]); } },
  'ff:16': { size: 8, put: function (data, b) { data.serial_number = b.map(hex).join(''); } },
  'ff:fe': { size: 1, put: function (data) { data.reset_event = true; } },
  'ff:ff': { size: 2, put: function (data, b) { data.tsl_version = b[0] + '.' + b[1]; } },
};

function putAlarm(data, b, name, text) {
  data.distance = i16(b, 0);
  data[name] = text || 'unknown';
}

function putMutation(data, b) {
  putAlarm(data, b, 'distance_alarm', ALARMS[b[4]]);
  data.distance_mutation = i16(b, 2);
}

function putHistory(data, b) {
  var seconds = b[0] + b[1] * 256 + b[2] * 65536 + b[3] * 16777216;
  var point = { timestamp: seconds, distance: i16(b, 4), temperature: i16(b, 6) / 10, event: b[10] };
  data.history = (data.history || []).concat(point);
}

function i16(b, at) {
  var value = b[at] + b[at + 1] * 256;
  return value > 32767 ? value - 65536 : value;
}

function hex(byte) {
  return (byte < 16 ? '0' : '') + byte.toString(16);
}

function decodeUplink(input) {
  if (input.fPort !== 85) return { errors: ['unknown FPort'] };
  var bytes = input.bytes;
  var data = {};
  var at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) return { errors: ['the payload ends inside a channel'] };
    var name = hex(bytes[at]) + ':' + hex(bytes[at + 1]);
    var channel = Object.prototype.hasOwnProperty.call(CHANNELS, name) ? CHANNELS[name] : undefined;
    if (!channel) {
      // Its length is unknown, so nothing behind it can be read.
      if (at === 0) return { errors: ['unknown channel ' + name] };
      return { data: data, warnings: ['unknown channel ' + name + ', the rest is left out'] };
    }
    at += 2;
    if (at + channel.size > bytes.length) return { errors: ['the payload ends inside channel ' + name] };
    channel.put(data, bytes.slice(at, at + channel.size));
    at += channel.size;
  }
  if (at === 0) return { errors: ['the payload is empty'] };
  return { data: data };
}

// Setting "reporting interval": ff 8e, a reserved byte, and minutes, little endian.
function encodeDownlink(input) {
  var minutes = input.data.report_interval;
  if (!(minutes >= 1 && minutes <= 1440)) return { errors: ['report_interval must be 1 to 1440 minutes'] };
  return { bytes: [0xff, 0x8e, 0x00, minutes & 255, minutes >> 8], fPort: 85 };
}
