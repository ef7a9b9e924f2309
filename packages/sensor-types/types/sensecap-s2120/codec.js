// SenseCAP S2120. Source: user guide, section 10.2 "Packet parsing": a message is a run of frames, each an id and its
// values, big endian. 01 and 4a: temperature (0.1 degree), humidity (%), light (4 bytes, lx), UV index (0.1), wind (0.1 m/s);
// 02 and 4b: wind direction, rain of an hour (4 bytes, 0.001 mm/h), pressure (10 Pa); 4c: gust (0.1 m/s), rain so far
// (4 bytes, 0.001 mm); 03: battery; 04 and 05: settings; 06: error code of the station.
var FRAMES = {
  1: { size: 10, read: readAir },
  2: { size: 8, read: readRain },
  3: { size: 1, read: function (data, b) { data.battery = b[0]; } },
  4: { size: 9, read: readDevice },
  5: { size: 4, read: function (data, b) { data.interval_min = u16(b, 0); } },
  6: { size: 1, read: function (data, b) { data.error_code = b[0]; } },
  0x4a: { size: 10, read: readAir },
  0x4b: { size: 8, read: readRain },
  0x4c: { size: 6, read: readSums },
};

function decodeUplink(input) {
  var bytes = input.bytes;
  var data = {};
  var at = 0;
  while (at < bytes.length) {
    var frame = FRAMES[bytes[at]];
    if (!frame) {
      // Its length is unknown, so nothing behind it can be read.
      if (at === 0) return { errors: ['unknown frame ' + bytes[at]] };
      return { data: data, warnings: ['unknown frame ' + bytes[at] + ', the rest is left out'] };
    }
    if (at + 1 + frame.size > bytes.length) return { errors: ['the payload ends inside frame ' + bytes[at]] };
    frame.read(data, bytes.slice(at + 1, at + 1 + frame.size));
    at += 1 + frame.size;
  }
  if (at === 0) return { errors: ['the payload is empty'] };
  return { data: data };
}

function readAir(data, b) {
  data.temperature = ((u16(b, 0) << 16) >> 16) / 10;
  data.humidity = b[2];
  data.light = u32(b, 3);
  data.uv_index = b[7] / 10;
  data.wind_speed = u16(b, 8) / 10;
}

function readRain(data, b) {
  data.wind_direction = u16(b, 0);
  data.rain_rate = u32(b, 2) / 1000;
  data.pressure = u16(b, 6) * 10;
}

function readSums(data, b) {
  data.wind_gust = u16(b, 0) / 10;
  data.rain_total = u32(b, 2) / 1000;
}

function readDevice(data, b) {
  data.battery = b[0];
  data.hardware_version = b[1] + '.' + b[2];
  data.firmware_version = b[3] + '.' + b[4];
  data.interval_min = u16(b, 5);
}

function u16(b, at) {
  return (b[at] << 8) | b[at + 1];
}

function u32(b, at) {
  return u16(b, at) * 65536 + u16(b, at + 2);
}
