// Dragino LDDS20. Source: user manual, section 2.3 "Uplink payload", port 2, big endian:
// battery (2 bytes, mV, low 14 bits), height (2, mm), interrupt (1), DS18B20 (2, 0.1 degree), sensor flag (1).
// It listens through the floor of a tank, so its "distance" is the height of the liquid.
// Older firmware sends 5 bytes (battery, distance, interrupt), or 4 bytes when it found no ultrasonic sensor.
function decodeUplink(input) {
  if (input.fPort !== 2) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  if (b.length === 4) return { data: { distance: 'No Sensor' } };
  if (b.length === 5) {
    return { data: { Bat: volts(b), distance: distance(b), Interrupt_flag: b[4] } };
  }
  if (b.length < 8) return { errors: ['the payload has ' + b.length + ' bytes, not 4, 5 or 8'] };
  return {
    data: {
      Bat: volts(b),
      Distance: distance(b),
      Interrupt_flag: b[4],
      TempC_DS18B20: (signed16(b[5], b[6]) / 10).toFixed(2),
      Sensor_flag: b[7],
    },
  };
}

function volts(b) {
  return (((b[0] << 8) | b[1]) & 0x3fff) / 1000;
}

function distance(b) {
  var mm = (b[2] << 8) | b[3];
  if (mm === 0) return 'No Sensor';
  // Section 2.3.2: readings under 20 mm are not valid.
  return mm <= 20 ? 'Invalid Reading' : mm + ' mm';
}

function signed16(high, low) {
  var value = (high << 8) | low;
  return value > 32767 ? value - 65536 : value;
}

// Section 3.1: 01 and three bytes of seconds set the transmit interval.
function encodeDownlink(input) {
  var seconds = input.data.interval;
  if (!(seconds >= 30 && seconds <= 86400)) return { errors: ['interval must be 30 to 86400 seconds'] };
  return { bytes: [0x01, seconds >> 16, (seconds >> 8) & 255, seconds & 255], fPort: 2 };
}
