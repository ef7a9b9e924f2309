import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const types = fileURLToPath(new URL('../packages/sensor-types/types/', import.meta.url));
const [id, flag, into] = process.argv.slice(2);
const usage = 'usage: npm run new:sensor-type -- vendor-model [--into FOLDER]';

function refuse(why) {
  process.stderr.write(`${why}\n${usage}\n`);
  process.exit(2);
}

if (!id || id === '--help') {
  process.stdout.write(`${usage}\nMakes a sensor-type folder from the example, to be filled in.\n`);
  process.exit(id ? 0 : 2);
}
if (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(id)) refuse(`"${id}" is no id: lower-case letters, digits and "-", vendor first`);
if (flag !== undefined && (flag !== '--into' || !into)) refuse(`unknown option ${flag}`);

const folder = join(into ?? types, id);
if (existsSync(folder)) refuse(`${folder} exists already`);

const [vendor, ...model] = id.split('-');
cpSync(join(types, '_example'), folder, { recursive: true });
const manifest = join(folder, 'sensor.yaml');
const text = readFileSync(manifest, 'utf8')
  .replace(/^id: .*$/m, `id: ${id}`)
  .replace(/^vendor: .*$/m, `vendor: ${vendor}`)
  .replace(/^model: .*$/m, `model: ${model.join('-').toUpperCase()}`)
  .replace(/^# One folder, one sensor type.*\n/, '');
writeFileSync(manifest, text);

const shown = relative(process.cwd(), folder) || folder;
process.stdout.write(`made ${shown}

It works as it stands, as the made-up device of the example. Now, from the data sheet:
  1  sensor.yaml    vendor, model, ports, interval, measurements with unit and codes for "no value", source
  2  codec.js       decodeUplink({bytes, fPort, recvTime}) gives {data} or {errors}
  3  encode.ts      the inverse, for the simulator
  4  examples.yaml  at least three vectors of the data sheet, with canonical values
  5  npm test -- sensor-types
     npx --no ronde decode --type ${id} --fport 10 --hex 05dc00d75000
     npx --no ronde sim
To try it without a checkout: SENSOR_TYPES_DIR=<the folder that holds ${id}> npm start
`);
