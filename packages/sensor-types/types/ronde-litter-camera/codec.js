// Litter counts from a camera on a street sweeper: a format of Ronde's own, described in README.md of this folder.
// Everything that is not named here is refused: there is no field that could hold a picture, a plate, a person's
// position or the vehicle's id, and there will be none.
var CLASSES = [
  'cigarette-butt', 'can', 'plastic-bottle', 'plastic', 'paper', 'glass', 'food', 'textile', 'bulky', 'other',
];
var FIELDS = ['v', 'counts', 'lengthM', 'seen'];
var MAX_BYTES = 1024;
var MAX_COUNT = 100000;

function decodeUplink(input) {
  if (input.fPort !== 1) return { errors: ['unknown FPort'] };
  var record = parseText(input.bytes);
  if (!record) return { errors: ['the payload is no JSON object in ASCII of at most ' + MAX_BYTES + ' bytes'] };
  var errors = faultsOf(record);
  if (errors.length > 0) return { errors: errors };
  var total = CLASSES.reduce(function (sum, name) { return sum + (record.counts[name] || 0); }, 0);
  var data = { total: total, counts: record.counts };
  if (record.lengthM !== undefined) data.lengthM = record.lengthM;
  if (record.seen !== undefined) data.seen = record.seen;
  return { data: data };
}

function parseText(bytes) {
  if (bytes.length > MAX_BYTES || bytes.some(function (byte) { return byte > 126; })) return undefined;
  try {
    var record = JSON.parse(String.fromCharCode.apply(null, bytes));
    return isRecord(record) ? record : undefined;
  } catch (unreadable) {
    return undefined;
  }
}

function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faultsOf(record) {
  var errors = unknownOf(record, FIELDS, 'the message').concat(record.v === 1 ? [] : ['v must be 1']);
  if (!inRange(record.lengthM, 1, 100000)) errors.push('lengthM must be 1 to 100000 metres');
  if (!inRange(record.seen, 0, 1)) errors.push('seen must be a fraction from 0 to 1');
  if (!isRecord(record.counts) || Object.keys(record.counts).length === 0) {
    return errors.concat('counts must name each class that was looked for, with its number');
  }
  return errors.concat(unknownOf(record.counts, CLASSES, 'counts')).concat(wrongCounts(record.counts));
}

function unknownOf(record, known, where) {
  var unknown = Object.keys(record).filter(function (name) { return known.indexOf(name) < 0; });
  if (unknown.length === 0) return [];
  return [where + ' may hold only ' + known.join(', ') + '; ' + unknown.length + ' other field(s) refused'];
}

function wrongCounts(counts) {
  return CLASSES.filter(function (name) {
    var count = counts[name];
    return count !== undefined && !(Math.floor(count) === count && count >= 0 && count <= MAX_COUNT);
  }).map(function (name) { return 'counts.' + name + ' must be a whole number from 0 to ' + MAX_COUNT; });
}

function inRange(value, min, max) {
  return value === undefined || (typeof value === 'number' && value >= min && value <= max);
}
