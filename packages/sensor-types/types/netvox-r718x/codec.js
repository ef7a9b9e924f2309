// Netvox R718X. Source: user manual, section 5 "Data report" and "ConfigureCmd", big endian, always 11 bytes.
// Port 6: version (1), device type (1, 34), report type: 0 = software, 1 = battery (1, 0.1 V, bit 7 = low), status (1),
// distance (2, mm), temperature (2, signed 0.1 degree), fill level (1, percent), inclination (1, degrees).
// Port 7: command, device type, value. The fill level is the device's own: (H - distance) / H by the H set in it.
var DEVICE = 'R718X';
var DEVICE_TYPE = 0x34;
var COMMANDS = {
  1: 'ConfigReport', 2: 'ReadConfigReport', 3: 'SetOnDistanceThreshold', 4: 'GetOnDistanceThreshold',
  5: 'SetFillMaxDistance', 6: 'GetFillMaxDistance', 11: 'SetDeadZoneDistance', 12: 'GetDeadZoneDistance',
};

function decodeUplink(input) {
  var b = input.bytes;
  if (input.fPort !== 6 && input.fPort !== 7) return { errors: ['unknown FPort'] };
  if (b.length !== 11) return { errors: ['the payload has ' + b.length + ' bytes, not 11'] };
  if (b[1] !== DEVICE_TYPE) return { errors: ['device type ' + b[1] + ' is no ' + DEVICE] };
  return input.fPort === 6 ? report(b) : response(b);
}

function report(b) {
  var data = { Device: DEVICE };
  if (b[2] === 0) {
    data.SWver = b[3] / 10;
    data.HWver = b[4];
    data.Datecode = b.slice(5, 9).map(hex).join('');
    return { data: data };
  }
  if (b[2] !== 1) return { errors: ['unknown report type ' + b[2]] };
  data.Volt = (b[3] & 127) / 10;
  if (b[3] & 128) data.LowBattery = true;
  data.Status = b[4] === 0 ? 'OFF' : 'ON';
  data.Distance = u16(b, 5);
  data.Temp = i16(b, 7) / 10;
  data.FillLevel = b[9];
  data.AngleOfInclination = b[10];
  return { data: data };
}

function response(b) {
  var name = COMMANDS[b[0] - 128];
  if (!name) return { errors: ['unknown command ' + b[0]] };
  var data = { Cmd: name + 'Rsp', Device: DEVICE };
  if (name === 'ReadConfigReport') {
    data.MinTime = u16(b, 2);
    data.MaxTime = u16(b, 4);
    data.BatteryChange = b[6] / 10;
    data.DistanceChange = u16(b, 7);
    data.TempChange = u16(b, 9) / 10;
  } else if (name.indexOf('Get') === 0) data[name.slice(3)] = u16(b, 2);
  else data.Status = b[2] === 0 ? 'Success' : 'Failure';
  return { data: data };
}

function u16(b, at) {
  return (b[at] << 8) | b[at + 1];
}

function i16(b, at) {
  var value = u16(b, at);
  return value > 32767 ? value - 65536 : value;
}

function hex(byte) {
  return (byte < 16 ? '0' : '') + byte.toString(16);
}

// {Cmd: 'SetFillMaxDistanceReq', FillMaxDistance: 2000}, as the vendor's command document names them.
function encodeDownlink(input) {
  var data = input.data;
  var name = String(data.Cmd).replace(/Req$/, '');
  var id = Object.keys(COMMANDS).filter(function (key) { return COMMANDS[key] === name; })[0];
  if (!id) return { errors: ['unknown command ' + data.Cmd + '; known are 1 to 6, 11 and 12'] };
  var words = [];
  if (name === 'ConfigReport') words = [data.MinTime, data.MaxTime];
  if (name.indexOf('Set') === 0) words = [data[name.slice(3)]];
  if (words.some(function (word) { return !(word >= 1 && word <= 65535); })) {
    return { errors: ['each value must be 1 to 65535'] };
  }
  var bytes = [Number(id), DEVICE_TYPE];
  words.forEach(function (word) { bytes.push(word >> 8, word & 255); });
  if (name === 'ConfigReport') {
    var distance = data.DistanceChange || 0;
    bytes.push(Math.round((data.BatteryChange || 0) * 10), distance >> 8, distance & 255);
    var tenths = Math.round((data.TempChange || 0) * 10);
    bytes.push(tenths >> 8, tenths & 255);
  }
  while (bytes.length < 11) bytes.push(0);
  return { bytes: bytes, fPort: 7 };
}
