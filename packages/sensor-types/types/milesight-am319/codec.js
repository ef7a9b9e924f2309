// Milesight AM319. Source: user guide, "Uplink data": a message is a run of [channel, type, value]; numbers are
// little endian; port 85.
var CHANNELS = {
  '01:75': { size: 1, put: function (data, b) { data.battery = b[0]; } }, // percent
  '03:67': { size: 2, put: function (data, b) { data.temperature = s16(b) / 10; } }, // degree Celsius
  '04:68': { size: 1, put: function (data, b) { data.humidity = b[0] / 2; } }, // percent
  '05:00': { size: 1, put: function (data, b) { data.pir = state(['idle', 'trigger'], b[0]); } },
  '06:cb': { size: 1, put: function (data, b) { data.light_level = b[0]; } }, // 0 (dark) to 5
  '07:7d': { size: 2, put: function (data, b) { data.co2 = u16(b); } }, // ppm
  // TVOC is an index (the display's IAQ rating), or micrograms when so set; neither converts to ppb.
  '08:7d': { size: 2, put: function (data, b) { data.tvoc = u16(b) / 100; } },
  '08:e6': { size: 2, put: function (data, b) { data.tvoc = u16(b); } },
  '09:73': { size: 2, put: function (data, b) { data.pressure = u16(b) / 10; } }, // hPa
  '0a:7d': { size: 2, put: function (data, b) { data.hcho = u16(b) / 100; } }, // mg/m3
  '0b:7d': { size: 2, put: function (data, b) { data.pm2_5 = u16(b); } }, // ug/m3
  '0c:7d': { size: 2, put: function (data, b) { data.pm10 = u16(b); } }, // ug/m3
  '0d:7d': { size: 2, put: function (data, b) { data.o3 = u16(b) / 100; } }, // ppm
  '0e:01': { size: 1, put: function (data, b) { data.buzzer_status = state(['off', 'on'], b[0]); } },
  // Values kept while the network was away: the same in one run, time in front.
  '20:ce': { size: 22, put: function (data, b) { putHistory(data, b, 100); } },
  '21:ce': { size: 22, put: function (data, b) { putHistory(data, b, 1); } },
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

function state(names, code) {
  return names[code] || 'unknown';
}

// The last word is HCHO or ozone, by the model; nothing in the message says which.
function putHistory(data, b, tvocScale) {
  data.history = (data.history || []).concat({
    timestamp: u32(b),
    temperature: s16(b, 4) / 10,
    humidity: u16(b, 6) / 2,
    pir: state(['idle', 'trigger'], b[8]),
    light_level: b[9],
    co2: u16(b, 10),
    tvoc: u16(b, 12) / tvocScale,
    pressure: u16(b, 14) / 10,
    pm2_5: u16(b, 16),
    pm10: u16(b, 18),
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
