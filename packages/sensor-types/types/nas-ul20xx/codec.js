// NAS luminaire controllers UL2002 to UL2033 (NEMA, Zhaga, in the luminaire). Sources: "UL20xx FW 1.0.x+ communication
// protocols" and docs.nasys.no, "LCU payloads" (firmware 1.1.x); little endian. Ports: 24 status and 25 usage of firmware
// 1.0, 23 status and 26 usage of 1.1, 61 alerts, 99 start; on 49 to 60 the controller repeats what it was told.
var READERS = { 23: status11, 24: status10, 25: usage, 26: usage11, 61: alert, 99: system };

function decodeUplink(input) {
  var reader = READERS[input.fPort];
  if (!reader && !(input.fPort >= 49 && input.fPort <= 60)) return { errors: ['unknown FPort'] };
  if (input.bytes.length === 0) return { errors: ['the payload is empty'] };
  if (!reader) return { data: { packet_type: 'answer', bytes: input.bytes } };
  var left = reading(input.bytes);
  var data = reader(left);
  if (left.isCut()) return { errors: ['the payload ends inside the packet'] };
  return data ? { data: data } : { errors: ['unknown packet'] };
}

// Takes numbers off the front; beyond the end they are 0, and isCut tells.
function reading(bytes) {
  var at = 0;
  function take(size) {
    var value = 0;
    for (var i = 0; i < size; i++) value += (bytes[at + i] || 0) * Math.pow(256, i);
    at += size;
    return value;
  }
  return {
    u8: function () { return take(1); },
    s8: function () { return (take(1) << 24) >> 24; },
    u16: function () { return take(2); },
    u32: function () { return take(4); },
    count: function () { return bytes.length - at; },
    isCut: function () { return at > bytes.length; },
  };
}

function bit(byte, index) {
  return ((byte >> index) & 1) === 1;
}

function status10(left) {
  var data = head(left, left.u8);
  var reported = left.u8();
  if (bit(reported, 1)) data.ldr_input_value = left.u8();
  data.lamp_failure = putAlerts(data, reported);
  data.drivers = [];
  while (left.count() > 0) {
    // profile, its version, address, weekdays, level
    left.u16();
    var address = left.u8();
    left.u8();
    data.drivers.push({ address: addressOf(address), dim_percent: levelOf(left.u8()) });
  }
  return summed(data);
}

function status11(left) {
  var header = left.u8();
  if (header > 1) return undefined;
  var data = head(left, header === 1 ? left.u16 : left.u8);
  var reported = header === 1 ? 0x10 : left.u8();
  if (bit(reported, 1)) data.ldr_input_value = left.u8();
  if (bit(reported, 4)) data.lamp_failure = putAlerts(data, left.u8());
  if (header === 1) readSensors(data, left, left.u8());
  data.drivers = [];
  while (left.count() > 0) {
    var address = left.u8();
    left.u8(); // why it has this level
    var level = left.u8();
    var driver = { address: addressOf(address), dim_percent: levelOf(level) };
    var dali = left.u8(); // bit 1 = lamp failure (IEC 62386-102); ff = the driver could not be asked
    if (dali !== 0xff) driver.lamp_failure = bit(dali, 1);
    data.drivers.push(driver);
    if (dali !== 0xff) data.lamp_failure = data.lamp_failure || driver.lamp_failure;
  }
  return summed(data);
}

function head(left, flagsOf) {
  var data = { packet_type: 'status_packet', device_unix_epoch: left.u32() };
  var flags = flagsOf();
  data.dali_connection_error = bit(flags, 1);
  data.relay_closed = bit(flags, 7);
  data.downlink_rssi = -left.u8();
  data.downlink_snr = left.s8();
  data.mcu_temperature = left.s8();
  return data;
}

// Alerts of the last 24 hours; gives the one about the lamp.
function putAlerts(data, byte) {
  data.alerts = { voltage: bit(byte, 4), lamp_error: bit(byte, 5), power: bit(byte, 6), power_factor: bit(byte, 7) };
  return data.alerts.lamp_error;
}

var SENSOR_SIZES = { 1: 1, 2: 2, 3: 2, 4: 1, 8: 1 };

function readSensors(data, left, bytes) {
  while (bytes > 0 && left.count() > 0) {
    var id = left.u8();
    var size = SENSOR_SIZES[id] || bytes - 1; // an unknown one fills the rest
    var value = size === 2 ? left.u16() : left.u8();
    for (var i = 2; i < size; i++) left.u8();
    if (id === 1) data.ldr_input_value = value;
    // Logarithmic: 4000 steps a decade, from 0.001 lx.
    if ((id === 2 || id === 3) && value !== 0xffff) data.light_lx = Math.pow(10, (value & 0x7fff) / 4000) / 1000;
    if (id === 4) data.digital_input_on = bit(value, 0);
    if (id === 8 && value !== 0xff) data.tilt_deg = value;
    bytes -= 1 + size;
  }
}

// ff = no level: the relay is off, or the driver goes by its own.
function levelOf(byte) {
  return byte > 100 ? null : byte;
}

function summed(data) {
  var levels = data.drivers.map(function (driver) { return driver.dim_percent; })
    .filter(function (level) { return level !== null; });
  if (levels.length > 0) data.dim_percent = Math.max.apply(null, levels);
  if (data.drivers.length > 0) data.lamp_on = levels.length > 0 && data.dim_percent > 0;
  return data;
}

function addressOf(byte) {
  if (byte === 0xff) return 'internal_measurement';
  if (byte === 0xfe) return 'dali_broadcast';
  if (byte === 1) return 'analog_0_10v';
  if (bit(byte, 0)) return 'invalid';
  return byte < 0x80 ? 'dali_single_' + (byte >> 1) : 'dali_group_' + ((byte >> 1) & 15);
}

function usage11(left) {
  return left.u8() === 0 ? usage(left) : undefined;
}

function usage(left) {
  var data = { packet_type: 'usage_packet', consumption: [] };
  while (left.count() > 0) data.consumption.push(consumer(left));
  var own = data.consumption.filter(function (one) { return one.address === 'internal_measurement'; });
  ['active_energy__Wh', 'active_power__W'].forEach(function (field) {
    // The controller's own meter sees all of it; without one the drivers' own numbers add up.
    data[field] = sumOf(own, field);
    if (data[field] === undefined) data[field] = sumOf(data.consumption, field);
    if (data[field] === undefined) delete data[field];
  });
  return data;
}

function consumer(left) {
  var one = { address: addressOf(left.u8()) };
  var sent = left.u8();
  if (bit(sent, 0)) one.active_energy__Wh = left.u32();
  if (bit(sent, 1)) one.active_power__W = left.u16();
  if (bit(sent, 2)) one.load_side_energy__Wh = left.u32();
  if (bit(sent, 3)) one.load_side_power__W = left.u16();
  if (bit(sent, 4)) one.power_factor = left.u8() / 100;
  if (bit(sent, 5)) one.mains_voltage__V = left.u8();
  if (bit(sent, 6)) one.driver_operating_time__s = left.u32();
  if (bit(sent, 7)) one.lamp_on_time__s = left.u32();
  return one;
}

function sumOf(list, field) {
  return list.reduce(function (sum, one) {
    return one[field] === undefined ? sum : (sum || 0) + one[field];
  }, undefined);
}

function alert(left) {
  var header = left.u8();
  var conditions = left.u8();
  if (header === 0x83) {
    var failed = false;
    while (left.count() > 0) {
      left.u8();
      failed = bit(left.u8(), 1) || failed;
    }
    return { packet_type: 'dali_driver_alert', lamp_failure: failed };
  }
  if (header !== 0x84) {
    // Inputs (80 and 81): the high half says how many bytes follow.
    for (var size = conditions >> 4; size > 0; size--) left.u8();
    return { packet_type: 'notification', header: header };
  }
  return {
    packet_type: 'metering_alert',
    lamp_failure: bit(conditions, 0),
    over_current: bit(conditions, 1),
    under_voltage: bit(conditions, 2),
    over_voltage: bit(conditions, 3),
    low_power_factor: bit(conditions, 4),
    active_power__W: left.u16(),
    voltage__V: left.u16(),
    power_factor: left.u8() / 100,
  };
}

function system(left) {
  if (left.u8() !== 0) return { packet_type: 'invalid_downlink_packet', downlink_from_fport: left.u8(), reason: left.u8() };
  var serial = (0x100000000 + left.u32()).toString(16).slice(1).toUpperCase();
  var version = left.u8() + '.' + left.u8() + '.' + left.u8();
  var data = { packet_type: 'boot_packet', device_serial: serial, firmware_version: version };
  data.device_unix_epoch = left.u32();
  left.u16(); // outputs and options it was built with
  left.u8(); // supply of the DALI bus
  data.dali_addressed_driver_count = left.u8() & 0x7f;
  if (left.count() > 0) data.reset_reason = left.u8();
  return data;
}

// Command 01 "manual dimming" to all DALI drivers; a restart ends it.
function encodeDownlink(input) {
  var level = input.data.dim_percent;
  if (!(level >= 0 && level <= 100)) return { errors: ['dim_percent must be 0 to 100'] };
  return { bytes: [0x01, 0xfe, level], fPort: 60 };
}
