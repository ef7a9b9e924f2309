// Decentlab DL-ATM41. Source: datasheet, "Sensor data format", big endian words:
// protocol version (1 byte, 2), device id (2), flags (2), then one block per set flag bit:
// bit 0 = the 17 words of the weather station below, each with 32768 as its zero; bit 1 = battery voltage (mV).
// Precipitation and strikes count since the last message.
var WORDS = [
  ['solar_radiation', 'Solar radiation', 1, 'W⋅m⁻²'],
  ['precipitation', 'Precipitation', 1000, 'mm'],
  ['lightning_strike_count', 'Lightning strike count', 1],
  ['lightning_average_distance', 'Lightning average distance', 1, 'km'],
  ['wind_speed', 'Wind speed', 100, 'm⋅s⁻¹'],
  ['wind_direction', 'Wind direction', 10, '°'],
  ['maximum_wind_speed', 'Maximum wind speed', 100, 'm⋅s⁻¹'],
  ['air_temperature', 'Air temperature', 10, '°C'],
  ['vapor_pressure', 'Vapor pressure', 100, 'kPa'],
  ['atmospheric_pressure', 'Atmospheric pressure', 100, 'kPa'],
  ['relative_humidity', 'Relative humidity', 10, '%'],
  ['sensor_temperature_internal', 'Sensor temperature (internal)', 10, '°C'],
  ['x_orientation_angle', 'X orientation angle', 10, '°'],
  ['y_orientation_angle', 'Y orientation angle', 10, '°'],
  ['compass_heading', 'Compass heading', 1, '°'],
  ['north_wind_speed', 'North wind speed', 100, 'm⋅s⁻¹'],
  ['east_wind_speed', 'East wind speed', 100, 'm⋅s⁻¹'],
];

function decodeUplink(input) {
  if (input.fPort !== 1) return { errors: ['unknown FPort'] };
  var bytes = input.bytes;
  if (bytes.length < 5) return { errors: ['the payload is shorter than its header of 5 bytes'] };
  if (bytes[0] !== 2) return { errors: ['unknown protocol version ' + bytes[0]] };
  var at = 5;
  function word() {
    var value = at + 1 < bytes.length ? (bytes[at] << 8) | bytes[at + 1] : NaN;
    at += 2;
    return value;
  }
  var flags = (bytes[3] << 8) | bytes[4];
  var data = { protocol_version: 2, device_id: (bytes[1] << 8) | bytes[2] };
  if (flags & 1) {
    WORDS.forEach(function (w) {
      data[w[0]] = { displayName: w[1], value: (word() - 32768) / w[2] };
      if (w[3]) data[w[0]].unit = w[3];
    });
  }
  if (flags & 2) data.battery_voltage = { displayName: 'Battery voltage', unit: 'V', value: word() / 1000 };
  if (at > bytes.length) return { errors: ['the payload is shorter than its flags say'] };
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
