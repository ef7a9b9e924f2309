// Tekelek TEK 766. Source: "Ultrasonic LoRaWAN User Manual" (10-09-20) and the public vectors of
// yreiser/tek766-ttn-decoder. Port 16, measurement: four readings of 4 bytes from byte 4 on, the newest first: ullage
// (2, cm, big endian), temperature (1, signed), sonic result code (4 bits, 0 to 10) and echo strength (4 bits).
// Port 48, status: hardware (3), firmware (4 and 5), reason (6), echo strength (8), battery (10, percent), transmit
// period (13, hours), and one reading from byte 14 on.
var REASONS = ['Reset', 'Scheduled', 'Manual', 'Activation'];

function decodeUplink(input) {
  var b = input.bytes;
  if (input.fPort === 16) return measurement(b);
  if (input.fPort === 48) return status(b);
  return { errors: ['unknown FPort'] };
}

function measurement(b) {
  if (b.length < 8 || b.length > 20 || b.length % 4) {
    return { errors: ['a measurement has 8 to 20 bytes in steps of 4, not ' + b.length] };
  }
  var data = reading(b, 4);
  var earlier = [];
  for (var at = 8; at < b.length; at += 4) {
    if (b[at] || b[at + 1] || b[at + 3]) earlier.push(reading(b, at));
  }
  if (earlier.length) data.earlier = earlier;
  return { data: data };
}

function status(b) {
  if (b.length !== 18) return { errors: ['a status has 18 bytes, not ' + b.length] };
  var data = reading(b, 14);
  data.firmware = b[4] + '.' + b[5];
  data.contactReason = REASONS[b[6] & 3];
  data.active = (b[6] >> 5) & 1;
  data.bat_pct = b[10];
  data.txPeriod_h = b[13];
  data.sensorRSSI_dBm = 0 - b[8];
  data.hw_id = b[3];
  return { data: data };
}

function reading(b, at) {
  return {
    ullage_cm: (b[at] << 8) | b[at + 1],
    temp_C: b[at + 2] > 127 ? b[at + 2] - 256 : b[at + 2],
    src: b[at + 3] >> 4,
    srssi: b[at + 3] & 15,
  };
}

// Parameter 0500, transmit period: write request 42 00 00, size 4, id, seconds (4, little endian); port 42.
function encodeDownlink(input) {
  var hours = input.data.txPeriod_h;
  if (!(hours >= 1 && hours <= 168)) return { errors: ['txPeriod_h must be 1 to 168 hours'] };
  var s = hours * 3600;
  return { bytes: [0x42, 0, 0, 4, 0x05, 0x00, s & 255, (s >> 8) & 255, (s >> 16) & 255, 0], fPort: 42 };
}
