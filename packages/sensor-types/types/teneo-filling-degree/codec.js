// Teneo IoT filling degree sensor. Source: the device repository's entry teneo-iot/filling-degree-sensor.
// First byte: battery, 0.1 V over 2 V. Port 1: distance (2, cm, big endian). Port 2: result code; 4 = nothing in reach,
// another = the measurement went wrong. Port 3: charging.
function decodeUplink(input) {
  var b = input.bytes;
  var sizes = { 1: 3, 2: 2 };
  if (input.fPort < 1 || input.fPort > 3) return { errors: ['unknown FPort'] };
  var size = sizes[input.fPort];
  if (b.length === 0 || (size && b.length !== size)) {
    return { errors: ['the payload has ' + b.length + ' bytes, not ' + (size || 'at least 1')] };
  }
  var data = { sensorType: 'fillrate', settingsAllowed: true, charging: input.fPort === 3 };
  data.battery = Math.round(20 + b[0]) / 10;
  data.valid = input.fPort === 1 || (input.fPort === 2 && b[1] === 4);
  if (input.fPort === 1) data.distance = (b[1] << 8) | b[2];
  if (input.fPort === 2 && data.valid) data.distance = -1;
  if (input.fPort === 2 && !data.valid) data.errorcode = b[1];
  return { data: data };
}
