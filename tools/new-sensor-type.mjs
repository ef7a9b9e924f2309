// Makes a sensor type to be filled in: from an example with a codec, with byte fields instead, or around a vendor's codec.
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TYPES = fileURLToPath(new URL('../packages/sensor-types/types/', import.meta.url));
const USAGE = `usage: npm run new:sensor-type -- vendor-model [--fields | --codec FILE [--example PORT:HEX]…] [--into FOLDER]

  --fields            no code: list where the values stand in the bytes
  --codec FILE        a vendor's codec as it is (TTS, ChirpStack, Actility or TS013 form), copied beside the manifest
  --example PORT:HEX  with --codec: a payload; its decoded fields become a first mapping and a vector, to be checked
  --into FOLDER       instead of the built-in types: a folder for SENSOR_TYPES_DIR`;

function refuse(why) {
  process.stderr.write(`${why}\n${USAGE}\n`);
  process.exit(2);
}

function readFlags() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        fields: { type: 'boolean' },
        codec: { type: 'string' },
        example: { type: 'string', multiple: true },
        into: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (thrown) {
    return refuse(thrown.message);
  }
}

const { values: flags, positionals } = readFlags();
const [id, ...more] = positionals;
if (flags.help) {
  process.stdout.write(`${USAGE}\n\nThe guide: docs/guides/add-a-sensor-type.md\n`);
  process.exit(0);
}
if (!id || more.length > 0) refuse('give one id');
if (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(id)) refuse(`"${id}" is no id: lower-case letters, digits and "-", vendor first`);
if (flags.fields && flags.codec) refuse('--fields and --codec exclude each other');
if (flags.codec && !existsSync(flags.codec)) refuse(`there is no file ${flags.codec}`);
if (flags.example && !flags.codec) refuse('--example needs --codec');
const samples = (flags.example ?? []).map((text) => {
  const [, fPort, hex] = /^(\d{1,3}):((?:[0-9a-f]{2})+)$/i.exec(text) ?? [];
  return fPort === undefined ? refuse(`"${text}" is no PORT:HEX such as 2:0d3b0aef`) : { fPort: Number(fPort), hex };
});

const folder = join(flags.into ?? TYPES, id);
if (existsSync(folder)) refuse(`${folder} exists already`);
const [vendor, ...model] = id.split('-');
const names = { vendor: vendor.charAt(0).toUpperCase() + vendor.slice(1), model: model.join('-').toUpperCase() };

if (flags.codec) await aroundCodec();
else fromExample(flags.fields ? '_example-fields' : '_example');
tellNext();

function fromExample(example) {
  cpSync(join(TYPES, example), folder, { recursive: true });
  const manifest = join(folder, 'sensor.yaml');
  const text = readFileSync(manifest, 'utf8')
    .replace(/^id: .*$/m, `id: ${id}`)
    .replace(/^vendor: .*$/m, `vendor: ${names.vendor}`)
    .replace(/^model: .*$/m, `model: ${names.model}`)
    .replace(/^# One folder, one sensor type.*\n/, '');
  writeFileSync(manifest, text);
}

async function aroundCodec() {
  const { decodeOnce, guessMapping } = await import('../packages/sensor-types/src/index.ts');
  const script = readFileSync(flags.codec, 'utf8');
  const decoded = [];
  for (const sample of samples) decoded.push({ ...sample, ...(await decodeOnce({ script, ...sample })) });
  for (const { fPort, hex, errors } of decoded)
    if (errors.length > 0) process.stderr.write(`the codec refuses ${fPort}:${hex}: ${errors.join('; ')}\n`);
  const readable = decoded.filter(({ data }) => data);
  const lines = guessMapping(Object.assign({}, ...readable.map(({ data }) => data)));
  mkdirSync(folder, { recursive: true });
  copyFileSync(flags.codec, join(folder, 'codec.js'));
  writeFileSync(join(folder, 'sensor.yaml'), manifestText(lines));
  if (decoded.length > 0) writeFileSync(join(folder, 'examples.yaml'), decoded.map(vectorText).join(''));
}

function manifestText(lines) {
  const mapping = lines.map(({ quantity, ...line }) => `  ${quantity}: ${flow(line)}`);
  const guessed =
    lines.length > 0
      ? '# Guessed from the names of the fields: check each unit and add the codes for "no value".\n'
      : '';
  return `id: ${id}
vendor: ${names.vendor}
model: ${names.model}
codec: codec.js
expected_interval: 1h
${guessed}measurements:${mapping.length > 0 ? `\n${mapping.join('\n')}` : ' {}'}
# geometry: { blind_zone: 280 mm, max_distance: 7.5 m }
source: not stated
licence: not stated
`;
}

function vectorText({ fPort, hex, data, errors }) {
  const output = data ? { data } : { errors };
  return `- description: Payload of the vendor\n  input: ${flow({ fPort, hex })}\n  output: ${flow(output)}\n`;
}

/** JSON is YAML too. */
function flow(value) {
  return JSON.stringify(value);
}

function tellNext() {
  const shown = relative(process.cwd(), folder) || folder;
  const port = samples[0]?.fPort ?? 10;
  const hex = samples[0]?.hex ?? '05dc00d75000';
  const steps = flags.codec
    ? [
        'sensor.yaml    check the guessed mapping: units, codes for "no value", ports, interval, geometry, source, licence',
      ]
    : [
        'sensor.yaml    vendor, model, ports, interval, measurements with unit and codes for "no value", source',
        ...(flags.fields ? [] : ['codec.js       decodeUplink({bytes, fPort, recvTime}) gives {data} or {errors}']),
        ...(flags.fields ? [] : ['encode.ts      the inverse, for the simulator']),
        'examples.yaml  at least three vectors of the data sheet, with canonical values',
      ];
  const into = flags.into === undefined ? '' : `SENSOR_TYPES_DIR=${relative(process.cwd(), flags.into) || flags.into} `;
  process.stdout.write(`made ${shown}

${flags.codec ? 'Now, from the data sheet:' : 'It works as it stands, as the made-up device of the example. Now, from the data sheet:'}
${steps.map((step, i) => `  ${i + 1}  ${step}`).join('\n')}
Then
  npx --no ronde decode --type ${id} ${flags.into === undefined ? '' : `--types ${relative(process.cwd(), flags.into) || flags.into} `}--fport ${port} --hex ${hex}
  ${into}npm test -- sensor-types/src/conformance sensor-types/src/fuzz
  ${into}npm start
The guide: docs/guides/add-a-sensor-type.md
`);
}
