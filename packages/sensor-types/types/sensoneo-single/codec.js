// Sensoneo Single Sensor 3.0. Source: Sensoneo "Single sensor 3.0, payload description for LoRa and NB-IoT":
// FF FF, kind (high 4 bits, 2 = single) and role (low 4), firmware, sensor id (4, little endian), events, four sonars
// (1 each, 2 cm), voltage (2.5 V + 10 mV each), temperature, tilt (degrees), number of events.
var EVENTS = ['measured', 'fire', 'tilt'];

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length !== 17) return { errors: ['the payload has ' + b.length + ' bytes, not 17'] };
  if (b[0] !== 0xff || b[1] !== 0xff) return { errors: ['the payload does not begin with FF FF'] };
  if (b[2] >> 4 !== 2) return { errors: ['kind ' + (b[2] >> 4) + ' is no single sensor'] };
  return {
    data: {
      firmware: b[3],
      sensor_id: b[4] + b[5] * 256 + b[6] * 65536 + b[7] * 16777216,
      events: EVENTS.filter(function (_, bit) { return (b[8] >> bit) & 1; }),
      sonar_cm: b.slice(9, 13).map(function (steps) { return steps * 2; }),
      voltage: 2500 + b[13] * 10,
      // The document says "hex to decimal"; read unsigned, -1 degree shows as 255.
      temperature: b[14] > 127 ? b[14] - 256 : b[14],
      tilt: b[15],
      event_count: b[16],
    },
  };
}
