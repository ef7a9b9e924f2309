// Nwave NPS310SM. Source: Nwave "Parking sensor payload", one port per message: 1 parking status, 2 heartbeat,
// 3 start-up, 6 debug. Bit 0 of a status byte: 1 = taken. The G4 sensor sends two bytes more in its heartbeat:
// battery (2.5 V and 4 mV a step) and temperature (signed, half degrees over 10 degrees Celsius).
var RESET_CAUSES = { 1: 'watchdog', 2: 'power_on', 3: 'user_request', 4: 'brownout', 5: 'other' };

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length === 0) return { errors: ['the payload is empty'] };
  if (input.fPort === 1) return { data: { type: 'parking_status', occupied: isOccupied(b[0]) } };
  if (input.fPort === 2) return heartbeat(b);
  if (input.fPort === 3) return startup(b);
  if (input.fPort === 6) return { data: { type: 'debug', bytes: b } };
  return { errors: ['unknown FPort'] };
}

function isOccupied(byte) {
  return (byte & 1) === 1;
}

function heartbeat(b) {
  var data = { type: 'heartbeat', occupied: isOccupied(b[0]) };
  if (b.length === 1) return { data: data };
  if (b.length < 3) return { errors: ['a heartbeat has 1 or 3 bytes, not ' + b.length] };
  data.battery_voltage = (2500 + b[1] * 4) / 1000;
  data.temperature = (b[2] > 127 ? b[2] - 256 : b[2]) / 2 + 10;
  return { data: data };
}

function startup(b) {
  if (b.length < 5) return { errors: ['a start-up message has 5 bytes, not ' + b.length] };
  var data = { type: 'startup', firmware_version: b[0] + '.' + b[1] + '.' + b[2], occupied: isOccupied(b[4]) };
  if (RESET_CAUSES[b[3]]) data.reset_cause = RESET_CAUSES[b[3]];
  return { data: data };
}
