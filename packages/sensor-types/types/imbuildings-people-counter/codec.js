// IMBuildings People Counter. Source: IMBuildings payload documentation, payload type 2 (people counter), big endian.
// A message may begin with type, variant and the device's id (10 bytes in all); without them the port tells the variant:
// 26 = counts and totals (13 bytes), 27 = totals (5 bytes), 28 = heartbeat (4 bytes).
var HEADER = 10;
var LENGTHS = { 6: 13, 7: 5, 8: 4 };
var VARIANT_OF_PORT = { 26: 6, 27: 7, 28: 8 };

function decodeUplink(input) {
  var bytes = input.bytes;
  var data = { payload_type: 2, payload_variant: VARIANT_OF_PORT[input.fPort] };
  var body = bytes;
  if (bytes[0] === 2 && LENGTHS[bytes[1]] + HEADER === bytes.length) {
    data.payload_variant = bytes[1];
    data.device_id = bytes.slice(2, HEADER).map(hex).join('');
    body = bytes.slice(HEADER);
  }
  if (data.payload_variant === undefined) return { errors: ['neither the port nor a header names a people counter'] };
  var length = LENGTHS[data.payload_variant];
  if (body.length !== length) return { errors: ['variant ' + data.payload_variant + ' has ' + length + ' bytes'] };
  READERS[data.payload_variant](data, body);
  return { data: data };
}

var READERS = {
  6: function (data, b) {
    readHealth(data, b);
    data.counter_a = u16(b, 3);
    data.counter_b = u16(b, 5);
    readTotals(data, b.slice(7));
    data.payload_counter = b[12];
  },
  7: readTotals,
  8: function (data, b) {
    readHealth(data, b);
    data.sensor_status = b[3];
  },
};

function readHealth(data, b) {
  data.device_status = b[0];
  data.battery_voltage = u16(b, 1) / 100;
}

function readTotals(data, b) {
  data.sensor_status = b[0];
  data.total_counter_a = u16(b, 1);
  data.total_counter_b = u16(b, 3);
}

function u16(b, at) {
  return (b[at] << 8) | b[at + 1];
}

function hex(byte) {
  return (byte < 16 ? '0' : '') + byte.toString(16);
}
