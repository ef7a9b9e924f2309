// NOAH trash bin sensor. Source: the device repository's entry noah/trashbin-sensor; the vendor publishes no payload
// document. Six bytes, little endian: temperature (2) and level (2) as MCCI "sflt16" fractions times 100, between them
// a raw voltage (2) of unknown scale.
function decodeUplink(input) {
  var b = input.bytes;
  if (input.fPort !== 1) return { errors: ['unknown FPort'] };
  if (b.length !== 6) return { errors: ['the payload has ' + b.length + ' bytes, not 6'] };
  return {
    data: {
      temp: sflt16(b[0] | (b[1] << 8)) * 100,
      voltage: b[2] | (b[3] << 8),
      level: sflt16(b[4] | (b[5] << 8)) * 100,
    },
  };
}

// MCCI sflt16: sign (1 bit), exponent (4), mantissa (11, with its leading bit); a fraction between -1 and 1.
function sflt16(raw) {
  var size = ((raw & 0x7ff) / 2048) * Math.pow(2, ((raw >> 11) & 15) - 15);
  return raw & 0x8000 ? 0 - size : size;
}
