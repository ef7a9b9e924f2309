// Terabee LoRa Level Monitoring XL. Source: Terabee LM-XL user manual, "Payload format", 6 bytes, big endian:
// distance (2, mm; 0 too close, 1 invalid, 65535 too far), level (1, percent; 255 error), battery (2, mV), errors (1).
var ERRORS = [
  'the device restarted after an unexpected error',
  'the radio did not go to sleep; restart the device',
  'the battery voltage was not read; restart the device',
  'the distance sensor did not answer; restart the device',
];

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length !== 6) return { errors: ['the payload has ' + b.length + ' bytes, not 6'] };
  var distance = (b[0] << 8) | b[1];
  var data = {
    distance: distance,
    levelPercentage: b[2] === 255 ? 'LEVEL_ERROR' : b[2],
    batteryVoltage: (b[3] << 8) | b[4],
  };
  if (distance === 0) data.distance = 'TARGET_TOO_CLOSE';
  if (distance === 1) data.distance = 'INVALID_READING';
  if (distance === 65535) data.distance = 'TARGET_TOO_FAR';
  // Without an answer of the distance sensor the other fields are what was there before.
  if (b[5] & 8) data.distance = 'SENSOR_SILENT';
  if (b[5] & 8) data.levelPercentage = 'LEVEL_ERROR';
  if (b[5] & 4) data.batteryVoltage = 'NOT_READ';
  var warnings = ERRORS.filter(function (_, bit) { return (b[5] >> bit) & 1; });
  return { data: data, warnings: warnings };
}
