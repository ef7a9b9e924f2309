import { vendorOfDevEui, type SensorTypeFiles, type UnknownDevice } from '@ronde/contracts';
import { stringify } from 'yaml';

/**
 * Drafts a sensor type from what an unknown device sent: the codec lays the bytes out in every usual way, the examples
 * hold its real messages, and what remains is to say which number means what.
 */
export function draftType(device: UnknownDevice): SensorTypeFiles {
  const samples = device.samples.filter(({ hex }) => hex !== '').toReversed();
  const vendor = vendorOfDevEui(device.name);
  const tail = device.name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(-6);
  const fPorts = [...new Set(samples.flatMap(({ fPort }) => (fPort === null || fPort === 0 ? [] : [fPort])))];
  const manifest = {
    id: `${vendor?.slug ?? 'new'}-${tail || 'device'}`,
    version: '0.1.0',
    vendor: vendor?.name ?? 'Maker',
    model: device.name,
    description: `Draft from ${samples.length} messages of ${device.name} on ${device.source}.`,
    ...(samples.length > 0 && { codec: 'codec.js' }),
    fPorts,
    expectedInterval: intervalOf(samples.map(({ at }) => Date.parse(at))),
    measurements: samples.length > 0 ? {} : 'catalogue',
    source: 'Name the data sheet and its table here.',
    licence: 'EUPL-1.2',
  };
  return {
    sensorYaml: stringify(manifest) + (samples.length > 0 ? MAPPING_HELP : ''),
    ...(samples.length > 0 && { codecJs: CODEC }),
    examplesYaml: stringify(
      samples.map(({ at, fPort, hex }) => ({
        description: `Received ${at}`,
        input: { fPort: fPort ?? 0, hex, recvTime: at },
        output: { data: layOut(Buffer.from(hex, 'hex')) },
      })),
    ),
  };
}

/** The median time between messages, rounded to whole minutes; an hour when there are too few to tell. */
function intervalOf(timesMs: readonly number[]): string {
  const gaps = timesMs.slice(1).map((atMs, index) => atMs - timesMs[index]!);
  const median = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 3_600_000;
  return `PT${Math.max(1, Math.round(median / 60_000))}M`;
}

const MAPPING_HELP = `# Write the lines under "measurements" (in place of {}), by the data sheet. A number stands at an offset in bytes:
#   distance: { from: 'u16be[2]', unit: mm, invalid: [65535] }
#   temperature: { from: 'i16be[4]', unit: Cel, scale: 0.1 }
#   battery: { from: 'u8[6]', unit: '%' }
# u8, i8 = one byte; u16be, u16le, i16be, i16le = two, most or least significant first. GET /v1/quantities lists names.
# Or write what the data sheet says into codec.js: decodeUplink({bytes, fPort, recvTime}) gives {data}.
`;

const CODEC = `// Lays the bytes out in every usual way; sensor.yaml says which number means what.
function decodeUplink(input) {
  var b = input.bytes;
  var data = { length: b.length, u8: [], i8: [], u16be: [], u16le: [], i16be: [], i16le: [] };
  function signed(value, bits) {
    return value >= 1 << (bits - 1) ? value - (1 << bits) : value;
  }
  for (var i = 0; i < b.length; i++) {
    data.u8.push(b[i]);
    data.i8.push(signed(b[i], 8));
    if (i + 1 === b.length) break;
    data.u16be.push((b[i] << 8) | b[i + 1]);
    data.u16le.push((b[i + 1] << 8) | b[i]);
    data.i16be.push(signed((b[i] << 8) | b[i + 1], 16));
    data.i16le.push(signed((b[i + 1] << 8) | b[i], 16));
  }
  return { data: data };
}
`;

/** What CODEC gives for these bytes, so that the examples hold from the start. */
function layOut(bytes: Buffer): Record<string, unknown> {
  const pairs = Array.from({ length: Math.max(0, bytes.length - 1) }, (_, at) => at);
  return {
    length: bytes.length,
    u8: [...bytes],
    i8: [...bytes].map((_, at) => bytes.readInt8(at)),
    u16be: pairs.map((at) => bytes.readUInt16BE(at)),
    u16le: pairs.map((at) => bytes.readUInt16LE(at)),
    i16be: pairs.map((at) => bytes.readInt16BE(at)),
    i16le: pairs.map((at) => bytes.readInt16LE(at)),
  };
}
