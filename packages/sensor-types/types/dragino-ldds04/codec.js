// Dragino LDDS04. Source: user manual, section 2.4 "Uplink payload", port 2, 11 bytes, big endian:
// battery (2, mV in the low 14 bits, bit 15 = sent by the interrupt pin), four distances (2 each, 0.1 cm),
// message type (1): 1 = measurement, 2 = answer to a command.
function decodeUplink(input) {
  if (input.fPort !== 2) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  if (b.length !== 11) return { errors: ['the payload has ' + b.length + ' bytes, not 11'] };
  if (b[0] === 0x03 && b[10] === 0x02) {
    return { data: { mes_type: 2 }, warnings: ['an answer to a command, without a measurement'] };
  }
  return {
    data: {
      BatV: (u16(b, 0) & 0x3fff) / 1000,
      EXTI_Trigger: b[0] & 0x80 ? 'TRUE' : 'FALSE',
      distance1_cm: u16(b, 2) / 10,
      distance2_cm: u16(b, 4) / 10,
      distance3_cm: u16(b, 6) / 10,
      distance4_cm: u16(b, 8) / 10,
      mes_type: b[10],
    },
  };
}

function u16(b, at) {
  return (b[at] << 8) | b[at + 1];
}

// Section "Set transmit interval time": 01 and three bytes of seconds.
function encodeDownlink(input) {
  var seconds = input.data.interval;
  if (!(seconds >= 30 && seconds <= 86400)) return { errors: ['interval must be 30 to 86400 seconds'] };
  return { bytes: [0x01, seconds >> 16, (seconds >> 8) & 255, seconds & 255], fPort: 2 };
}
