// JSON by the catalogue's names, as text in the payload: {"fill":0.42,"temperature":"21.5 °C","left/fill":0.1,"at":"2026-…"}.
// What our own MQTT topic takes as JSON (docs of /v1/{tenant}/{device}/up), for devices whose network carries bytes only.
function decodeUplink(input) {
  if (input.bytes.length === 0) return { errors: ['the payload is empty'] };
  var message;
  try {
    message = JSON.parse(utf8(input.bytes));
  } catch (fault) {
    return { errors: ['the JSON cannot be read'] };
  }
  if (message === null || typeof message !== 'object' || Array.isArray(message)) {
    return { errors: ['the JSON is no object of values by name'] };
  }
  var data = {};
  for (var name in message) {
    if (name === 'at' || name === 'seq') continue;
    data[name] = message.at === undefined ? message[name] : { value: message[name], time: message.at };
  }
  return { data: data };
}

function utf8(bytes) {
  var text = '';
  for (var i = 0; i < bytes.length; i++) text += '%' + (bytes[i] < 16 ? '0' : '') + bytes[i].toString(16);
  return decodeURIComponent(text);
}
