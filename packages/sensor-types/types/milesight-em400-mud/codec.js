// Milesight EM400-MUD. Source: user guide, section 6.1.1 "Uplink data": a message is a run of
// [channel, type, value]; numbers are little endian; port 85.
var CHANNELS = {
  // channel 01 type 75: battery, one byte, percent
  '01:75': { size: 1, put: function (data, b) { data.battery = b[0]; } },
  // channel 03 type 67: temperature, two bytes signed, 0.1 degree Celsius
  '03:67': { size: 2, put: putTemperature },
  // channel 04 type 82: distance, two bytes, mm
  '04:82': { size: 2, put: putDistance },
  // channel 05 type 00: position, 01 when leaning 20 degrees or more
  '05:00': { size: 1, put: function (data, b) { data.position = b[0] === 1 ? 'tilt' : 'normal'; } },
  // channel 06 type 88, NB-IoT only: latitude and longitude, four bytes each, signed, and motion; SensorDecoders
  '06:88': { size: 9, put: putPlace },
  // channels 83 and 84: the same values at an alarm, with one byte 01 = alarm, 00 = alarm over
  '83:67': { size: 3, put: function (data, b) { putTemperature(data, b); data.temperature_alarm = b[2] === 1; } },
  '84:82': { size: 3, put: function (data, b) { putDistance(data, b); data.distance_alarm = b[2] === 1; } },
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

function putTemperature(data, b) {
  var tenths = b[0] + b[1] * 256;
  data.temperature = (tenths > 32767 ? tenths - 65536 : tenths) / 10;
}

function putDistance(data, b) {
  data.distance = b[0] + b[1] * 256;
}

function putPlace(data, b) {
  data.latitude = degrees(b, 0);
  data.longitude = degrees(b, 4);
  data.motion_status = b[8] & 15;
}

function degrees(b, at) {
  return (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)) / 1000000;
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
