// Dragino LDS02 (door) and LWL02 (leak). Source: user manual, section 2.3 "Uplink payload", port 10, big endian, 10 bytes:
// battery (2 bytes, mV, low 14 bits; bit 15 = door open, bit 14 = leak), mode (1), events so far (3), length of the last
// one in minutes (3), alarm (1). Mode 1 = door, 2 = leak, 3 = both, without counters. The device repository's example has
// only 7 bytes; it is read as the device repository reads it, what is missing as 0.
function decodeUplink(input) {
  if (input.fPort !== 10) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  if (b.length !== 10 && b.length !== 7) return { errors: ['the payload has ' + b.length + ' bytes, not 10'] };
  var data = { BAT_V: (((b[0] << 8) | b[1]) & 0x3fff) / 1000, MOD: b[2] };
  var alarm = (b[9] || 0) & 1;
  if (b[2] === 1) {
    data.DOOR_OPEN_STATUS = b[0] >> 7;
    data.DOOR_OPEN_TIMES = u24(b, 3);
    data.LAST_DOOR_OPEN_DURATION = u24(b, 6);
    data.ALARM = alarm;
  } else if (b[2] === 2) {
    data.WATER_LEAK_STATUS = (b[0] >> 6) & 1;
    data.WATER_LEAK_TIMES = u24(b, 3);
    data.LAST_WATER_LEAK_DURATION = u24(b, 6);
  } else if (b[2] === 3) {
    data.DOOR_OPEN_STATUS = b[0] >> 7;
    data.WATER_LEAK_STATUS = (b[0] >> 6) & 1;
    data.ALARM = alarm;
  }
  return { data: data };
}

function u24(b, at) {
  return ((b[at] || 0) << 16) | ((b[at + 1] || 0) << 8) | (b[at + 2] || 0);
}

// Section 3.1: 01 and three bytes of seconds set the time between two messages without an event.
function encodeDownlink(input) {
  var seconds = input.data.interval;
  if (!(seconds >= 30 && seconds <= 86400)) return { errors: ['interval must be 30 to 86400 seconds'] };
  return { bytes: [0x01, seconds >> 16, (seconds >> 8) & 255, seconds & 255], fPort: 10 };
}
