// Dragino LDDS45. Source: user manual, section 2.3 "Uplink payload", port 2, big endian:
// battery (2 bytes, mV, low 14 bits), distance (2, mm), interrupt (1), DS18B20 (2, 0.1 degree), sensor flag (1).
function decodeUplink(input) {
  if (input.fPort !== 2) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  if (b.length !== 8) return { errors: ['the payload has ' + b.length + ' bytes, not 8'] };
  return {
    data: {
      Bat: (u16(b, 0) & 0x3fff) / 1000,
      Distance: distance(u16(b, 2)),
      Interrupt_flag: b[4],
      TempC_DS18B20: (i16(b, 5) / 10).toFixed(2),
      Sensor_flag: b[7],
    },
  };
}

// Section 2.3.2: 0 = no ultrasonic sensor found; readings under 30 mm are replaced by 20.
function distance(mm) {
  if (mm === 0) return 'No Sensor';
  return mm === 20 ? 'Invalid Reading' : mm + ' mm';
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
