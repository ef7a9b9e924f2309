// Milesight VS121. Source: user guide, "Uplink data": a message is a run of [channel, type, value]; numbers are
// little endian; port 85. The sensor sends counts, never pictures.
var CHANNELS = {
  'ff:01': { size: 1, put: function (data, b) { data.protocol_version = b[0]; } },
  'ff:08': { size: 6, put: function (data, b) { data.sn = b.map(hex).join(''); } },
  'ff:09': { size: 2, put: function (data, b) { data.hardware_version = b.join('.'); } },
  'ff:1f': { size: 4, put: function (data, b) { data.firmware_version = b.join('.'); } },
  '04:c9': { size: 4, put: putRegions },
  '05:cc': { size: 4, put: function (data, b) { data.people_in = u16(b); data.people_out = u16(b, 2); } }, // this interval
  '06:cd': { size: 1, put: function (data, b) { data.people_count_max = b[0]; } },
  '07:d5': { size: 8, put: function (data, b) { putCounts(data, b, 1); } },
  '08:d5': { size: 8, put: function (data, b) { putCounts(data, b, 9); } },
  // People that went from one edge of the picture to another.
  '09:da': { size: 8, put: function (data, b) { putFlow(data, b, 'a'); } },
  '0a:da': { size: 8, put: function (data, b) { putFlow(data, b, 'b'); } },
  '0b:da': { size: 8, put: function (data, b) { putFlow(data, b, 'c'); } },
  '0c:da': { size: 8, put: function (data, b) { putFlow(data, b, 'd'); } },
  '0d:cc': { size: 4, put: function (data, b) { data.people_total_in = u16(b); data.people_total_out = u16(b, 2); } },
  '0e:e4': { size: 5, put: function (data, b) { data.dwell_time_avg = u16(b, 1); data.dwell_time_max = u16(b, 3); } }, // s
  '0f:85': { size: 4, put: function (data, b) { data.timestamp = u16(b) + u16(b, 2) * 65536; } },
  '10:f7': { size: 4, put: function (data, b) { data.line_in = u16(b); data.line_out = u16(b, 2); } },
};

function u16(b, at) {
  return b[at || 0] + b[(at || 0) + 1] * 256;
}

// How many people now, how many regions, and a bit for each region with somebody in it (big endian, region 1 is bit 0).
function putRegions(data, b) {
  data.people_count_all = b[0];
  data.region_count = b[1];
  for (var i = 0; i < Math.min(b[1], 16); i++) data['region_' + (i + 1)] = (((b[2] << 8) | b[3]) >> i) & 1;
}

function putCounts(data, b, first) {
  b.forEach(function (count, i) { data['region_' + (first + i) + '_count'] = count; });
}

function putFlow(data, b, from) {
  ['a', 'b', 'c', 'd'].forEach(function (to, i) { data[from + '_to_' + to] = u16(b, 2 * i); });
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
