// Milesight WTS506. Source: user guide, "Uplink data": a message is a run of [channel, type, value]; numbers are
// little endian; port 85.
var CHANNELS = {
  '01:75': { size: 1, put: function (data, b) { data.battery = b[0]; } }, // percent
  '03:67': { size: 2, put: function (data, b) { data.temperature = s16(b) / 10; } }, // degree Celsius
  '04:68': { size: 1, put: function (data, b) { data.humidity = b[0] / 2; } }, // percent
  '05:84': { size: 2, put: function (data, b) { data.wind_direction = s16(b) / 10; } }, // degree
  '06:73': { size: 2, put: function (data, b) { data.pressure = u16(b) / 10; } }, // hPa
  '07:92': { size: 2, put: function (data, b) { data.wind_speed = u16(b) / 10; } }, // m/s
  // Rain since the sum was last cleared (0.01 mm), and a counter of messages since then.
  '08:77': { size: 3, put: function (data, b) { putRain(data, u16(b), b[2]); } },
  '08:ec': { size: 5, put: function (data, b) { putRain(data, u32(b), b[4]); } },
  // The same with an alarm behind it.
  '83:67': { size: 3, put: function (data, b) { data.temperature = s16(b) / 10; data.temperature_alarm = alarm(b[2]); } },
  '86:73': { size: 3, put: function (data, b) { data.pressure = u16(b) / 10; data.pressure_alarm = alarm(b[2]); } },
  '87:92': { size: 3, put: function (data, b) { data.wind_speed = u16(b) / 10; data.wind_speed_alarm = alarm(b[2]); } },
  '88:ec': { size: 6, put: function (data, b) { putRain(data, u32(b), b[4]); data.rainfall_alarm = alarm(b[5]); } },
  // Values kept while the network was away: the same in one run, time in front.
  '20:ce': { size: 15, put: function (data, b) { putHistory(data, b, u16(b, 13)); } },
  '21:ce': { size: 17, put: function (data, b) { putHistory(data, b, u32(b, 13)); } },
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

function s16(b, at) {
  var value = u16(b, at);
  return value > 32767 ? value - 65536 : value;
}

function u32(b, at) {
  return u16(b, at) + u16(b, (at || 0) + 2) * 65536;
}

function putRain(data, hundredths, counter) {
  data.rainfall_total = hundredths / 100;
  data.rainfall_counter = counter;
}

function alarm(code) {
  return ['threshold alarm release', 'threshold alarm'][code] || 'unknown';
}

function putHistory(data, b, rain) {
  data.history = (data.history || []).concat({
    timestamp: u32(b),
    temperature: s16(b, 4) / 10,
    humidity: b[6] / 2,
    pressure: u16(b, 7) / 10,
    wind_direction: s16(b, 9) / 10,
    wind_speed: u16(b, 11) / 10,
    rainfall_total: rain / 100,
  });
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
