// Milesight WS301. Source: user guide, "Uplink data": a message is a run of [channel, type, value]; numbers are
// little endian; port 85.
var CHANNELS = {
  '01:75': { size: 1, put: function (data, b) { data.battery = b[0]; } }, // percent
  '03:00': { size: 1, put: function (data, b) { data.magnet_status = state(['close', 'open'], b[0]); } },
  '04:00': { size: 1, put: function (data, b) { data.tamper_status = state(['installed', 'uninstalled'], b[0]); } },
  // channel ff: what the device tells of itself after joining, and its answer to a new reporting interval
  'ff:01': { size: 1, put: function (data, b) { data.ipso_version = 'v' + (b[0] >> 4) + '.' + (b[0] & 15); } },
  'ff:03': { size: 2, put: function (data, b) { data.report_interval = u16(b); } },
  'ff:09': { size: 2, put: function (data, b) { data.hardware_version = 'v' + b[0].toString(16) + '.' + (b[1] >> 4); } },
  'ff:0a': { size: 2, put: function (data, b) { data.firmware_version = 'v' + b[0].toString(16) + '.' + b[1].toString(16); } },
  'ff:0b': { size: 1, put: function (data) { data.device_status = 'on'; } },
  'ff:0f': { size: 1, put: function (data, b) { data.lorawan_class = 'Class ' + (['A', 'B', 'C', 'CtoB'][b[0]] || b[0]); } },
  'ff:16': { size: 8, put: function (data, b) { data.sn = b.map(hex).join(''); } },
  'ff:fe': { size: 1, put: function (data) { data.reset_event = 'reset'; } },
  'ff:ff': { size: 2, put: function (data, b) { data.tsl_version = 'v' + b[0] + '.' + b[1]; } },
};

function u16(b, at) {
  return b[at || 0] + b[(at || 0) + 1] * 256;
}

function state(names, code) {
  return names[code] || 'unknown';
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
    var channel = CHANNELS[name];
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
