// Netvox R718PA22. Source: Netvox LoRaWAN application command document, R718PA22, big endian, always 11 bytes.
// Port 6: version (1), device type (1, 9B), report type: 0 = software, 1 = battery (1, 0.1 V, bit 7 = low), depth of the
// liquid (2, mm), temperature (2, signed, degrees), installation (1, 0 = good). Port 7: answers to commands.
var LIQUIDS = ['', 'Water', 'Gasoline', 'Diesel oil'];

function decodeUplink(input) {
  var b = input.bytes;
  if (input.fPort !== 6 && input.fPort !== 7) return { errors: ['unknown FPort'] };
  if (b.length !== 11) return { errors: ['the payload has ' + b.length + ' bytes, not 11'] };
  if (b[1] !== 0x9b) return { errors: ['device type ' + b[1] + ' is no R718PA22'] };
  return input.fPort === 6 ? report(b) : response(b);
}

function report(b) {
  var data = { Device: 'R718PA22' };
  if (b[2] === 0) {
    data.SWver = b[3] / 10;
    data.HWver = b[4];
    data.Datecode = b.slice(5, 9).map(hex).join('');
    return { data: data };
  }
  if (b[2] !== 1) return { errors: ['unknown report type ' + b[2]] };
  data.Volt = (b[3] & 127) / 10;
  if (b[3] & 128) data.LowBattery = true;
  data.Depth = u16(b, 4);
  var temperature = u16(b, 6);
  data.Temp = temperature > 32767 ? temperature - 65536 : temperature;
  data.InstallStatus = b[8] === 0 ? 'Success' : 'Failure';
  return { data: data };
}

function response(b) {
  var data = { Device: 'R718PA22' };
  if (b[0] === 0x82) {
    data.Cmd = 'ReadConfigReportRsp';
    data.MinTime = u16(b, 2);
    data.MaxTime = u16(b, 4);
    data.BatteryChange = b[6] / 10;
    data.DepthChange = u16(b, 7);
    data.TempChange = b[9];
  } else if (b[0] === 0x84) {
    data.Cmd = 'GetMeasureTypeRsp';
    data.MeasureType = LIQUIDS[b[2]] || 'unknown';
  } else if (b[0] === 0x81 || b[0] === 0x83) {
    data.Cmd = b[0] === 0x81 ? 'ConfigReportRsp' : 'SetMeasureTypeRsp';
    data.Status = b[2] === 0 ? 'Success' : 'Failure';
  } else return { errors: ['unknown command ' + b[0]] };
  return { data: data };
}

function u16(b, at) {
  return (b[at] << 8) | b[at + 1];
}

function hex(byte) {
  return (byte < 16 ? '0' : '') + byte.toString(16);
}

// ConfigReportReq: shortest and longest time between reports, and what change sends one.
function encodeDownlink(input) {
  var d = input.data;
  if (d.Cmd !== 'ConfigReportReq') return { errors: ['unknown command ' + d.Cmd + '; ConfigReportReq is 1'] };
  if (![d.MinTime, d.MaxTime, d.DepthChange].every(function (word) { return word >= 1 && word <= 65535; })) {
    return { errors: ['each value must be 1 to 65535'] };
  }
  var words = [d.MinTime >> 8, d.MinTime & 255, d.MaxTime >> 8, d.MaxTime & 255];
  return { bytes: [0x01, 0x9b].concat(words, [1, d.DepthChange >> 8, d.DepthChange & 255, 1, 0]), fPort: 7 };
}
