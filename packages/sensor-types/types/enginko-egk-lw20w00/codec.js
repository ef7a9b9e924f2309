// enginko EGK-LW20W00. Source: enginko "LoRaWAN payload" document and the ThingPark device catalogue's level-sensors
// driver, little endian. Message 14: kind (1), date (4 bytes of bits), ADC (2, mV), height (2, mm), distance (2, mm),
// [fill (1, percent) in kinds 1 and 3], [temperature (2, 0.01 degree) in 1 to 3], [humidity (1, 0.5 percent),
// pressure (3, 0.01 hPa) in 2 and 3], battery (1, percent). Message 01: time request after joining.
var SIZES = [13, 16, 19, 20];

function decodeUplink(input) {
  var b = input.bytes;
  if (b.length < 2) return { errors: ['the payload has ' + b.length + ' bytes'] };
  if (b[0] === 0x01) return hello(b);
  if (b[0] !== 0x14) return { errors: ['unknown message ' + b[0]] };
  var kind = b[1];
  if (kind >= SIZES.length) return { errors: ['unknown kind of level message'] };
  if (b.length !== SIZES[kind]) return { errors: ['the payload has ' + b.length + ' bytes, not ' + SIZES[kind]] };
  var at = 2;
  function take(size) {
    var value = 0;
    for (var i = size - 1; i >= 0; i--) value = value * 256 + b[at + i];
    at += size;
    return value;
  }
  var data = { type: kind, date: date(take(4)), ADC: take(2), height: take(2), distance1: take(2) };
  if (kind & 1) data.fillLevel = take(1);
  if (kind > 0) data.temperature = signed16(take(2)) / 100;
  if (kind & 2) data.humidity = take(1) / 2;
  if (kind & 2) data.pressure = take(3) / 100;
  data.battery = take(1);
  return { data: data };
}

function hello(b) {
  if (b.length !== 11) return { errors: ['a time request has 11 bytes, not ' + b.length] };
  return {
    data: {
      syncID: b.slice(1, 5).map(hex).join('').toUpperCase(),
      syncVersion: b.slice(5, 8).map(hex).join('.'),
      applicationType: b.slice(8, 10).map(hex).join(''),
      rfu: hex(b[10]),
    },
  };
}

// seconds / 2 (5 bits), minutes (6), hours (5), day (5), month (4), year since 2000 (7), from the lowest bit; local time
function date(bits) {
  function part(shift, count) {
    return Math.floor(bits / Math.pow(2, shift)) % Math.pow(2, count);
  }
  function two(value) {
    return (value < 10 ? '0' : '') + value;
  }
  return 2000 + part(25, 7) + '-' + two(part(21, 4)) + '-' + two(part(16, 5)) + 'T' +
    two(part(11, 5)) + ':' + two(part(5, 6)) + ':' + two(part(0, 5) * 2);
}

function signed16(value) {
  return value > 32767 ? value - 65536 : value;
}

function hex(byte) {
  return (byte < 16 ? '0' : '') + byte.toString(16);
}
