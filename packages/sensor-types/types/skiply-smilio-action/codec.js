// Skiply Smilio Action. Source: user manual, firmware 2.0.1, sections 13 and 18, port 2, big endian; the first byte tells:
// 01 keep alive (idle and sending voltage, mV, and 64), 02 counters of the five buttons, 03 the same at a magnetic badge,
// 40 counters since the last such message (running mode PULSE), 04 settings.
var EVENTS = { 2: 'push_or_periodically', 3: 'magnetic_badge', 0x40: 'pulse' };

function decodeUplink(input) {
  var b = input.bytes;
  if (input.fPort !== 2) return { errors: ['unknown FPort'] };
  if (b.length === 0) return { errors: ['the payload is empty'] };
  if (b[0] === 1) return keepAlive(b);
  if (b[0] === 4 && b.length === 8) return { data: { message_type: 'downlink_query', event: 'boot' } };
  if (!EVENTS[b[0]]) return { errors: ['unknown frame ' + b[0] + ' of ' + b.length + ' bytes'] };
  if (b.length !== 11) return { errors: ['a counter frame has 11 bytes, not ' + b.length] };
  var data = { message_type: 'data_frame', event: EVENTS[b[0]] };
  for (var i = 1; i <= 5; i++) data['button' + i] = u16(b, 2 * i - 1);
  return { data: data };
}

function keepAlive(b) {
  if (b.length !== 6 || b[5] !== 0x64) return { errors: ['a keep-alive frame has 6 bytes, the last one 64'] };
  return { data: { message_type: 'keep_alive', battery_idle: u16(b, 1), battery_emission: u16(b, 3) } };
}

function u16(b, at) {
  return (b[at] << 8) | b[at + 1];
}
