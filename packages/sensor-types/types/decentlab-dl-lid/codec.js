// Decentlab DL-LID. Source: datasheet, "Sensor data format", big endian words:
// protocol version (1 byte, 2), device id (2), flags (2), then one block per set flag bit:
// bit 0 = distribution of the distance (mm), number of samples, time taken (1.024 counts a ms),
// bit 1 = battery voltage (mV).
var DISTANCES = [
  ['average', 'average'], ['minimum', 'minimum'], ['maximum', 'maximum'], ['median', 'median'],
  ['10th_percentile', '10th percentile'], ['25th_percentile', '25th percentile'],
  ['75th_percentile', '75th percentile'], ['90th_percentile', '90th percentile'],
  ['most_frequent_value', 'most frequent value'],
];

function decodeUplink(input) {
  if (input.fPort !== 1) return { errors: ['unknown FPort'] };
  var bytes = input.bytes;
  if (bytes.length < 5) return { errors: ['the payload is shorter than its header of 5 bytes'] };
  if (bytes[0] !== 2) return { errors: ['unknown protocol version ' + bytes[0]] };
  var flags = (bytes[3] << 8) | bytes[4];
  var size = 5 + (flags & 1 ? 22 : 0) + (flags & 2 ? 2 : 0);
  if (bytes.length !== size) return { errors: ['the payload has ' + bytes.length + ' bytes, its flags say ' + size] };
  var at = 5;
  function word() {
    at += 2;
    return (bytes[at - 2] << 8) | bytes[at - 1];
  }
  var data = { protocol_version: 2, device_id: (bytes[1] << 8) | bytes[2] };
  if (flags & 1) {
    DISTANCES.forEach(function (one) {
      data['distance_' + one[0]] = { displayName: 'Distance: ' + one[1], unit: 'mm', value: word() };
    });
    data.number_of_samples = { displayName: 'Number of samples', value: word() };
    data.total_acquisition_time = { displayName: 'Total acquisition time', unit: 'ms', value: word() / 1.024 };
  }
  if (flags & 2) data.battery_voltage = { displayName: 'Battery voltage', unit: 'V', value: word() / 1000 };
  return { data: data };
}

// Datasheet "Downlink": two-byte command, two-byte parameter, CRC-16/XMODEM over both.
var COMMANDS = { 'set period': 0x0001, 'set period + save': 0x0002 };

function encodeDownlink(input) {
  var command = COMMANDS[input.data.command];
  var parameter = input.data.parameter;
  if (command === undefined) return { errors: ['unknown command'] };
  if (!(parameter >= 60 && parameter <= 65535)) return { errors: ['the period must be 60 to 65535 seconds'] };
  var body = [command >> 8, command & 255, parameter >> 8, parameter & 255];
  var check = crc16(body);
  return { bytes: body.concat([check >> 8, check & 255]), fPort: 1 };
}

function crc16(bytes) {
  var crc = 0;
  bytes.forEach(function (byte) {
    crc ^= byte << 8;
    for (var i = 0; i < 8; i++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  });
  return crc;
}
