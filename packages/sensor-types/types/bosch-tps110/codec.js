// Bosch Parking Lot Sensor TPS110. Source: "TPS communication interface technical description", one port per message:
// 1 parking status, 2 heartbeat (temperature in whole degrees since firmware 0.23), 3 start-up, 4 device information,
// 5 device usage, 6 debug. Bit 0 of a status byte: 1 = a vehicle stands over the sensor.
var READERS = {
  1: { type: 'parking status', least: 1, read: function (data, b) { data.occupied = isOccupied(b[0]); } },
  2: { type: 'heartbeat', least: 1, read: readHeartbeat },
  3: { type: 'startup', least: 17, read: readStartup },
  4: { type: 'device information', least: 1, read: keepBytes },
  5: { type: 'device usage', least: 1, read: keepBytes },
  6: { type: 'debug', least: 10, read: readDebug },
};
var RESET_CAUSES = { 1: 'watchdog', 2: 'power on', 3: 'system request', 4: 'other' };

function decodeUplink(input) {
  var reader = READERS[input.fPort];
  var bytes = input.bytes;
  if (!reader) return { errors: ['unknown FPort'] };
  if (bytes.length < reader.least) {
    return { errors: ['a ' + reader.type + ' message has ' + reader.least + ' bytes, not ' + bytes.length] };
  }
  var data = { type: reader.type };
  reader.read(data, bytes);
  return { data: data };
}

function isOccupied(byte) {
  return (byte & 1) === 1;
}

function readHeartbeat(data, b) {
  data.occupied = isOccupied(b[0]);
  if (b.length > 1) data.temperature = b[1] > 127 ? b[1] - 256 : b[1];
}

function readStartup(data, b) {
  data.debugCodes = [0, 4, 8].map(function (at) { return debugCode(b, at); }).filter(Boolean);
  data.firmwareVersion = b[12] + '.' + b[13] + '.' + b[14];
  if (RESET_CAUSES[b[15]]) data.resetCause = RESET_CAUSES[b[15]];
  data.occupied = isOccupied(b[16]);
}

function readDebug(data, b) {
  data.timestamp = ((b[3] << 24) | (b[2] << 16) | (b[1] << 8) | b[0]) >>> 0;
  data.debugCode = debugCode(b, 4);
  data.sequenceNumber = (b[9] << 8) | b[8];
}

// The code is the low twelve bits of a little endian word of four bytes.
function debugCode(b, at) {
  return ((b[at + 1] & 15) << 8) | b[at];
}

function keepBytes(data, b) {
  data.bytes = b;
}
