// Dragino LSE01. Source: user manual, section 2.3 "Uplink payload", port 2, big endian, 11 bytes:
// battery (2, mV, low 14 bits), DS18B20 (2, 0.1 degree), soil moisture (2, 0.01 %), soil temperature (2, 0.01 degree),
// conductivity (2, uS/cm), flags (1).
function decodeUplink(input) {
  if (input.fPort !== 2) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  if (b.length < 11) return { errors: ['the payload has ' + b.length + ' bytes, not 11'] };
  return {
    data: {
      Bat: (u16(b, 0) & 0x3fff) / 1000,
      TempC_DS18B20: (s16(b, 2) / 10).toFixed(1),
      water_SOIL: (u16(b, 4) / 100).toFixed(2),
      temp_SOIL: soilTemperature(u16(b, 6)).toFixed(2),
      conduct_SOIL: u16(b, 8),
    },
  };
}

function u16(b, at) {
  return (b[at] << 8) | b[at + 1];
}

function s16(b, at) {
  return (u16(b, at) << 16) >> 16;
}

// Section 2.3.3 counts negatives from FFFF, not from 10000: FF7E is -1.29.
function soilTemperature(word) {
  return (word & 0x8000 ? word - 0xffff : word) / 100;
}

// Section 3.1: 01 and three bytes of seconds set the transmit interval.
function encodeDownlink(input) {
  var seconds = input.data.interval;
  if (!(seconds >= 30 && seconds <= 86400)) return { errors: ['interval must be 30 to 86400 seconds'] };
  return { bytes: [0x01, seconds >> 16, (seconds >> 8) & 255, seconds & 255], fPort: 2 };
}
