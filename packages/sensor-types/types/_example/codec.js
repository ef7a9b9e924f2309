// Example BIN100. Source: data sheet 1.0, table 3 "Uplink", port 10, big endian:
// distance (2 bytes, mm), temperature (2, signed, 0.1 degree), battery (1, percent), status (1, bit 0 = tilted).
// LoRaWAN payload codec form (TS013): give {data} or {errors}; own sentences, no copied decoder.
function decodeUplink(input) {
  if (input.fPort !== 10) return { errors: ['unknown FPort'] };
  var b = input.bytes;
  if (b.length !== 6) return { errors: ['the payload has ' + b.length + ' bytes, not 6'] };
  var tenths = (b[2] << 8) | b[3];
  return {
    data: {
      distance: (b[0] << 8) | b[1],
      temperature: (tenths > 32767 ? tenths - 65536 : tenths) / 10,
      battery: b[4],
      tilted: (b[5] & 1) === 1,
    },
  };
}
