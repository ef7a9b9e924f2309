// Elsys sensors. Source: Elsys "Sensor payload": a message is a run of [type, value], big endian.
var TYPES = {
  1: { size: 2, put: function (d, b) { d.temperature = s16(b) / 10; } }, // degree Celsius
  2: { size: 1, put: function (d, b) { d.humidity = b[0]; } }, // percent
  3: { size: 3, put: function (d, b) { d.x = s8(b[0]); d.y = s8(b[1]); d.z = s8(b[2]); } }, // 63 = 1 g
  4: { size: 2, put: function (d, b) { d.light = u16(b); } }, // lux
  5: { size: 1, put: function (d, b) { d.motion = b[0]; } },
  6: { size: 2, put: function (d, b) { d.co2 = u16(b); } }, // ppm
  7: { size: 2, put: function (d, b) { d.vdd = u16(b); } }, // mV
  8: { size: 2, put: function (d, b) { d.analog1 = u16(b); } }, // mV
  9: { size: 6, put: function (d, b) { d.lat = s24(b, 0) / 10000; d.long = s24(b, 3) / 10000; } },
  10: { size: 2, put: function (d, b) { d.pulse1 = u16(b); } },
  11: { size: 4, put: function (d, b) { d.pulseAbs = u32(b); } },
  12: { size: 2, put: function (d, b) { d.externalTemperature = s16(b) / 10; } },
  13: { size: 1, put: function (d, b) { d.digital = b[0]; } },
  14: { size: 2, put: function (d, b) { d.distance = u16(b); } }, // mm
  15: { size: 1, put: function (d, b) { d.accMotion = b[0]; } },
  16: { size: 4, put: function (d, b) { d.irInternalTemperature = s16(b) / 10; d.irExternalTemperature = s16(b.slice(2)) / 10; } },
  17: { size: 1, put: function (d, b) { d.occupancy = b[0]; } },
  18: { size: 1, put: function (d, b) { d.waterleak = b[0]; } },
  20: { size: 4, put: function (d, b) { d.pressure = (u32(b) | 0) / 1000; } }, // hPa
  21: { size: 2, put: function (d, b) { d.soundPeak = b[0]; d.soundAvg = b[1]; } }, // dB
  22: { size: 2, put: function (d, b) { d.pulse2 = u16(b); } },
  23: { size: 4, put: function (d, b) { d.pulseAbs2 = u32(b); } },
  24: { size: 2, put: function (d, b) { d.analog2 = u16(b); } },
  25: { size: 2, put: function (d, b) { d.externalTemperature2 = s16(b) / 10; } },
  26: { size: 1, put: function (d, b) { d.digital2 = b[0]; } },
  27: { size: 4, put: function (d, b) { d.analogUv = u32(b) | 0; } },
  28: { size: 2, put: function (d, b) { d.tvoc = u16(b); } }, // ppb
};

function u16(b) { return (b[0] << 8) | b[1]; }
function s16(b) { return (u16(b) << 16) >> 16; }
function s8(byte) { return (byte << 24) >> 24; }
function u32(b) { return ((b[0] << 24) | (b[1] << 16) | (b[2] << 8) | b[3]) >>> 0; }
function s24(b, at) { return ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8)) >> 8; }

function decodeUplink(input) {
  if (!(input.fPort >= 1 && input.fPort <= 223)) return { errors: ['unknown FPort'] };
  var bytes = input.bytes;
  var data = {};
  var at = 0;
  while (at < bytes.length) {
    var type = TYPES[bytes[at]];
    if (!type) {
      // Its length is unknown, so nothing behind it can be read.
      if (at === 0) return { errors: ['unknown data type ' + bytes[at]] };
      return { data: data, warnings: ['unknown data type ' + bytes[at] + ', the rest is left out'] };
    }
    if (at + 1 + type.size > bytes.length) return { errors: ['the payload ends inside data type ' + bytes[at]] };
    type.put(data, bytes.slice(at + 1, at + 1 + type.size));
    at += 1 + type.size;
  }
  if (at === 0) return { errors: ['the payload is empty'] };
  return { data: data };
}
