// Milesight EM500-UDL. Source: user guide, chapter "Device payload": a message is a run of
// [channel, type, value]; numbers are little endian; port 85.
var CHANNELS = {
  // channel 01 type 75: battery, one byte, percent
  '01:75': { size: 1, put: function (data, b) { data.battery = b[0]; } },
  // channel 03 type 82: distance, two bytes, mm
  '03:82': { size: 2, put: function (data, b) { data.distance = u16(b, 0); } },
  // channel 83 type e9: distance, change and alarm. The guide counts in mm, the vendor's decoder in tenths of
  // something, so only the alarm is told; the periodic message carries the distance.
  '83:e9': { size: 5, put: function (data, b) { data.distance_alarm = b[4]; } },
  // channel 20 type ce: stored reading, Unix seconds and mm
  '20:ce': { size: 6, put: putHistory },
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

function putHistory(data, b) {
  data.history = (data.history || []).concat({ timestamp: timestamp(b), distance: u16(b, 4) });
}

function u16(b, at) {
  return b[at] + b[at + 1] * 256;
}

function timestamp(b) {
  return u16(b, 0) + u16(b, 2) * 65536;
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

// Setting "reporting interval": ff 03 and seconds, little endian.
function encodeDownlink(input) {
  var seconds = input.data.report_interval;
  if (!(seconds >= 60 && seconds <= 64800)) return { errors: ['report_interval must be 60 to 64800 seconds'] };
  return { bytes: [0xff, 0x03, seconds & 255, seconds >> 8], fPort: 85 };
}
