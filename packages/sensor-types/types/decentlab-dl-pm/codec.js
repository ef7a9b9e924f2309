// Decentlab DL-PM. Source: datasheet, "Sensor data format", big endian words:
// protocol version (1 byte, 2), device id (2), flags (2), then one block per set flag bit:
// bit 0 = battery voltage (mV); bit 1 = PM1, 2.5, 4, 10 mass (0.1 ug/m3), typical particle size (nm),
// PM0.5, 1, 2.5, 4, 10 number (0.1 per cm3); bit 2 = temperature and humidity (SHT2x words); bit 3 = pressure (2 Pa).
var SIZES = { pm0_5: 'PM0.5', pm1_0: 'PM1.0', pm2_5: 'PM2.5', pm4: 'PM4', pm10: 'PM10' };

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
  if (flags & 1) data.battery_voltage = { displayName: 'Battery voltage', unit: 'V', value: word() / 1000 };
  if (flags & 2) readParticles(data, word);
  if (flags & 4) {
    data.air_temperature = { displayName: 'Air temperature', unit: '°C', value: (175.72 * word()) / 65536 - 46.85 };
    data.air_humidity = { displayName: 'Air humidity', unit: '%', value: (125 * word()) / 65536 - 6 };
  }
  if (flags & 8) data.barometric_pressure = { displayName: 'Barometric pressure', unit: 'Pa', value: word() * 2 };
  if (at > bytes.length) return { errors: ['the payload is shorter than its flags say'] };
  return { data: data };
}

function readParticles(data, word) {
  ['pm1_0', 'pm2_5', 'pm4', 'pm10'].forEach(function (size) {
    var name = SIZES[size] + ' mass concentration';
    data[size + '_mass_concentration'] = { displayName: name, unit: 'µg⋅m⁻³', value: word() / 10 };
  });
  data.typical_particle_size = { displayName: 'Typical particle size', unit: 'nm', value: word() };
  ['pm0_5', 'pm1_0', 'pm2_5', 'pm4', 'pm10'].forEach(function (size) {
    var name = SIZES[size] + ' number concentration';
    data[size + '_number_concentration'] = { displayName: name, value: word() / 10 };
  });
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
