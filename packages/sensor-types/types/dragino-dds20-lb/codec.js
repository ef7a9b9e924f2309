// Dragino DDS20-LB. Source: user manual, chapter "Uplink payload", big endian. Port 2, 8 bytes: battery (2 bytes, mV,
// low 14 bits), height of the liquid (2, mm), interrupt (1), DS18B20 (2, 0.1 degree), sensor flag (1). Port 5: device
// status. Port 3: stored readings. It listens through the floor of a tank, so its "distance" is the liquid's height.
var BANDS = ',EU868,US915,IN865,AU915,KZ865,RU864,AS923,AS923_1,AS923_2,AS923_3,CN470,EU433,KR920,MA869'.split(',');

function decodeUplink(input) {
  var b = input.bytes;
  if (input.fPort === 5) return status(b);
  if (input.fPort === 3) return datalog(b);
  if (input.fPort !== 2) return { errors: ['unknown FPort'] };
  if (b.length !== 8) return { errors: ['the payload has ' + b.length + ' bytes, not 8'] };
  return {
    data: {
      battery: (u16(b, 0) & 0x3fff) / 1000,
      distance: u16(b, 2),
      interrupt_flag: b[4],
      temperature_pro: (i16(b, 5) / 10).toFixed(2),
      sensor_flag: b[7],
    },
  };
}

// Each stored reading: battery (2, mV), distance (2, mm), DS18B20 (2, 0.1 degree), flags (1), Unix seconds (4).
function datalog(b) {
  if (b.length === 0 || b.length % 11) return { errors: ['stored readings have 11 bytes each, not ' + b.length] };
  var points = [];
  for (var at = 0; at < b.length; at += 11) {
    points.push({
      distance: u16(b, at + 2),
      temperature: i16(b, at + 4) / 10,
      time: u16(b, at + 7) * 65536 + u16(b, at + 9),
    });
  }
  return { data: { DATALOG: points } };
}

// Port 5, after joining: model, firmware (three digits in 1.5 bytes), frequency band, sub-band, battery (mV).
function status(b) {
  if (b.length !== 7) return { errors: ['the device status has ' + b.length + ' bytes, not 7'] };
  return {
    data: {
      SENSOR_MODEL: b[0] === 0x29 ? 'DDS20-LB' : 'unknown',
      FIRMWARE_VERSION: (b[1] & 15) + '.' + (b[2] >> 4) + '.' + (b[2] & 15),
      FREQUENCY_BAND: BANDS[b[3]] || 'unknown',
      SUB_BAND: b[4] === 0xff ? 'NULL' : b[4],
      battery: u16(b, 5) / 1000,
    },
  };
}

function u16(b, at) {
  return (b[at] << 8) | b[at + 1];
}

function i16(b, at) {
  var value = u16(b, at);
  return value > 32767 ? value - 65536 : value;
}

// Section "Set transmit interval time": 01 and three bytes of seconds.
function encodeDownlink(input) {
  var seconds = input.data.interval;
  if (!(seconds >= 30 && seconds <= 86400)) return { errors: ['interval must be 30 to 86400 seconds'] };
  return { bytes: [0x01, seconds >> 16, (seconds >> 8) & 255, seconds & 255], fPort: 2 };
}
