// Cayenne Low Power Payload. Source: Cayenne LPP documentation ("Data Types", after the IPSO object ids less 3200) and the
// further types of the ElectronicCats CayenneLPP library's table. A message is a run of [channel, type, value], big endian.
var TYPES = {
  0: { name: 'digitalInput', size: 1 },
  1: { name: 'digitalOutput', size: 1 },
  2: { name: 'analogInput', size: 2, signed: true, per: 100 },
  3: { name: 'analogOutput', size: 2, signed: true, per: 100 },
  100: { name: 'generic', size: 4 },
  101: { name: 'illuminance', size: 2 }, // lx
  102: { name: 'presence', size: 1 },
  103: { name: 'temperature', size: 2, signed: true, per: 10 }, // degree Celsius
  104: { name: 'humidity', size: 1, per: 2 }, // percent
  113: { name: 'acceleration', size: 2, signed: true, per: 1000, parts: ['x', 'y', 'z'] }, // g
  115: { name: 'barometer', size: 2, per: 10 }, // hPa
  116: { name: 'voltage', size: 2, per: 100 }, // V
  117: { name: 'current', size: 2, per: 1000 }, // A
  118: { name: 'frequency', size: 4 }, // Hz
  120: { name: 'percentage', size: 1 },
  121: { name: 'altitude', size: 2, signed: true }, // m
  125: { name: 'concentration', size: 2 }, // ppm
  128: { name: 'power', size: 2 }, // W
  130: { name: 'distance', size: 4, per: 1000 }, // m
  131: { name: 'energy', size: 4, per: 1000 }, // kWh
  132: { name: 'direction', size: 2 }, // degree
  133: { name: 'unixTime', size: 4 }, // s
  134: { name: 'rotation', size: 2, signed: true, per: 100, parts: ['x', 'y', 'z'] }, // degree a second
  135: { name: 'colour', size: 1, parts: ['r', 'g', 'b'] },
  136: { name: 'position', size: 3, signed: true, parts: ['lat', 'lon', 'alt'], pers: [10000, 10000, 100] },
  142: { name: 'switch', size: 1 },
};

function numberAt(bytes, at, type) {
  var value = 0;
  for (var i = 0; i < type.size; i++) value = value * 256 + bytes[at + i];
  var whole = Math.pow(2, type.size * 8);
  return type.signed && value >= whole / 2 ? value - whole : value;
}

function valueAt(bytes, at, type) {
  if (!type.parts) return numberAt(bytes, at, type) / (type.per || 1);
  var value = {};
  for (var i = 0; i < type.parts.length; i++) {
    value[type.parts[i]] = numberAt(bytes, at + i * type.size, type) / (type.pers ? type.pers[i] : type.per || 1);
  }
  return value;
}

// Each name holds a list, since a device may have several of a kind: { distance: [{ channel: 3, value: 1.5 }] }.
function decodeUplink(input) {
  var bytes = input.bytes;
  var data = {};
  var at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) return { errors: ['the payload ends inside a channel'] };
    var channel = bytes[at];
    var type = TYPES[bytes[at + 1]];
    if (!type) {
      // Its length is unknown, so nothing behind it can be read.
      if (at === 0) return { errors: ['unknown data type ' + bytes[1]] };
      return { data: data, warnings: ['unknown data type ' + bytes[at + 1] + ', the rest is left out'] };
    }
    var size = type.size * (type.parts ? type.parts.length : 1);
    if (at + 2 + size > bytes.length) return { errors: ['the payload ends inside data type ' + bytes[at + 1]] };
    (data[type.name] = data[type.name] || []).push({ channel: channel, value: valueAt(bytes, at + 2, type) });
    at += 2 + size;
  }
  if (at === 0) return { errors: ['the payload is empty'] };
  return { data: data };
}
