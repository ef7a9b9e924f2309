// Dragino LLDS12. Source: user manual, section 2.3 "Uplink payload", port 2, 11 bytes, big endian:
// battery (2 bytes, mV, low 14 bits), DS18B20 (2, 0.1 degree), distance (2, 0.1 cm), signal strength (2),
// interrupt (1), temperature of the lidar (1, signed), message type (1): 1 = measurement, 2 = answer to a command.
function decodeUplink(input) {
  if (input.fPort !== 2) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  if (b.length !== 11) return { errors: ['the payload has ' + b.length + ' bytes, not 11'] };
  if (b[0] === 0x03 || b[10] === 0x02) {
    return { data: { Message_type: b[10] }, warnings: ['an answer to a command, without a measurement'] };
  }
  return {
    data: {
      Bat: (u16(b, 0) & 0x3fff) / 1000,
      TempC_DS18B20: (i16(b, 2) / 10).toFixed(2),
      Lidar_distance: u16(b, 4) / 10,
      Lidar_signal: u16(b, 6),
      Lidar_temp: b[9] > 127 ? b[9] - 256 : b[9],
      Interrupt_flag: b[8],
      Message_type: b[10],
    },
  };
}

function u16(b, at) {
  return (b[at] << 8) | b[at + 1];
}

function i16(b, at) {
  var value = u16(b, at);
  return value > 32767 ? value - 65536 : value;
}

// Section "Set transmit interval time": 01 and three bytes of seconds.
function encodeDownlink(input) {
  var seconds = input.data.interval;
  if (!(seconds >= 30 && seconds <= 86400)) return { errors: ['interval must be 30 to 86400 seconds'] };
  return { bytes: [0x01, seconds >> 16, (seconds >> 8) & 255, seconds & 255], fPort: 2 };
}
