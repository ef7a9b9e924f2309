import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { checkCodecs, checkNormalise, decodeOnce, toVector } from '@ronde/sensor-types';
import type { CodecReport } from '@ronde/sensor-types';
import { checkEnvelopes } from '@ronde/run';
import { EXIT, Exit } from '../exit.ts';
import { print, readJsonLines, readText, wholeNumber } from '../output.ts';

interface DecodeFlags {
  type?: string;
  codec?: string;
  types?: string;
  fport: number;
  hex: string;
  recvTime?: string;
  vector?: boolean;
  json?: boolean;
}

/** Adds the commands that engineers try payloads, codecs and envelopes with. */
export function addCheckCommands(program: Command): void {
  program
    .command('decode')
    .description('Decode one payload with a sensor type or a codec file, in the sandbox.')
    .option('--type <id>', 'sensor type')
    .option('--codec <file>', 'codec script, in any of the forms below')
    .option('--types <dir>', 'extra folder of sensor types')
    .requiredOption('--fport <n>', 'LoRaWAN port', wholeNumber('fport', 0, 255))
    .requiredOption('--hex <bytes>', 'payload bytes, hexadecimal; blanks are allowed', hexBytes)
    .option('--recv-time <iso>', 'receive time, RFC 3339; the clock of the codec stands at it', instant)
    .option('--vector', 'print it as an example for examples.yaml')
    .option('--json', 'print one JSON object: {data, errors, warnings, readings}')
    .addHelpText('after', DECODE_HELP)
    .action(async (flags: DecodeFlags) => decode(flags));
  program
    .command('codec')
    .description('Work with codecs.')
    .command('check <examples>')
    .description('Run a corpus of codec examples (JSON Lines) in the sandbox and compare.')
    .requiredOption('--codecs <dir>', 'folder that the `script` paths start from', folder)
    .option('--json', 'print one JSON object: {total, exact, mismatch, errors, byScript, failures}')
    .addHelpText('after', CHECK_HELP)
    .action(async (file: string, { codecs, json }: { codecs: string; json?: boolean }) => {
      const result = await checkCodecs(readJsonLines(file), codecs);
      print(result, { json, lines: () => codecLines(result) });
      if (result.mismatch + result.errors > 0) throw new Exit(EXIT.MISMATCH);
    });
  program
    .command('normalise')
    .description('Work with sensor type mappings.')
    .command('check <examples>')
    .description('Run examples (JSON Lines) through the sensor types and compare canonical readings.')
    .option('--types <dir>', 'extra folder of sensor types')
    .option('--json', 'print one JSON object: {total, right, invalid, wrong, unmapped, failures, faults}')
    .addHelpText('after', NORMALISE_HELP)
    .action(async (file: string, { types, json }: { types?: string; json?: boolean }) => {
      const result = await checkNormalise(readJsonLines(file), types ? [types] : []);
      print(result, { json, lines: () => [JSON.stringify(result, null, 2)] });
      if (result.faults.length > 0) throw new Exit(EXIT.CONFIG, result.faults.map(faultLine).join('\n'));
      if (result.wrong > 0) throw new Exit(EXIT.MISMATCH);
    });
  program
    .command('envelope')
    .description('Work with network envelopes.')
    .command('check <pairs>')
    .description('Recognise the network server of each message (JSON Lines) and compare what it says.')
    .option('--json', 'print one JSON object')
    .action((file: string, { json }: { json?: boolean }) => {
      const result = checkEnvelopes(readJsonLines(file));
      conclude(result, json, result.total - result.exact);
    });
}

const FORMS = `
Codecs run unmodified: decodeUplink(input), Decoder(bytes, port), Decode(fPort, bytes, variables), encodeDownlink,
decodeDownlink, Encoder, Encode and normalizeUplink, as functions, on module.exports or on a driver object.`;
const DECODE_HELP = `${FORMS}
Readings come of the sensor type's mapping, or of the codec's normalizeUplink.
Exit code 0 with data, 1 when the codec gave errors, 2 on bad usage.`;
const CHECK_HELP = `${FORMS}
Each line: {"id", "script", "routine", "fPort"?, "bytesHex"? | "inputData"? | "input"?, "recvTime"?, "expected": {…}}.
Absent, null and NaN are the same, numbers agree within 1e-6; encodeDownlink compares bytes and fPort.
Exit code 0 when all agree, 1 on a mismatch or error, 2 on bad usage.`;
const NORMALISE_HELP = `
Each line: {"id", "type"? | "script"? | "vendor"? and "devices"?, "fPort", "bytesHex", "recvTime"?, "expected": {…},
"canonical"?: [{"quantity", "value", "unit"?, "quality"?, "chamber"?}]}. Types of --types go before built-in ones.
right: as canonical says, or as the expected values say by their names. invalid: openly no value. wrong: another value,
none, or one out of nothing. unmapped: no type, or nothing in the line to compare with.
Exit code 0 when none is wrong, 1 when one is, 2 on bad usage, 78 when types of --types have faults.`;
const SHOWN_FAILURES = 20;

function hexBytes(text: string): string {
  const digits = text.replaceAll(/\s/g, '');
  if (/^([0-9a-f]{2})*$/i.test(digits)) return digits;
  throw new Exit(EXIT.USAGE, '--hex must be pairs of hexadecimal digits');
}

function instant(text: string): string {
  if (!Number.isNaN(Date.parse(text))) return text;
  throw new Exit(EXIT.USAGE, `--recv-time must be an RFC 3339 time such as 2026-01-05T06:00:00Z, not ${text}`);
}

function folder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new Exit(EXIT.USAGE, `--codecs must be a folder, and ${path} is none`);
}

function codecLines({ total, exact, mismatch, errors, byScript, failures }: CodecReport): string[] {
  const scripts = Object.keys(byScript).length;
  const rest = failures.length - SHOWN_FAILURES;
  return [
    `${exact} of ${total} examples of ${scripts} scripts as expected; ${mismatch} differ, ${errors} gave no answer`,
    ...failures.slice(0, SHOWN_FAILURES).map(({ id, why }) => `${id}: ${why}`),
    ...(rest > 0 ? [`… and ${rest} more (--json lists all)`] : []),
  ];
}

async function decode(flags: DecodeFlags): Promise<void> {
  if ((flags.type === undefined) === (flags.codec === undefined))
    throw new Exit(EXIT.USAGE, 'give either --type or --codec');
  const result = await decodeOnce({
    ...(flags.type !== undefined && { type: flags.type }),
    ...(flags.codec !== undefined && { script: readText(flags.codec) }),
    ...(flags.types !== undefined && { dirs: [flags.types] }),
    fPort: flags.fport,
    hex: flags.hex,
    ...(flags.recvTime !== undefined && { recvTime: flags.recvTime }),
  });
  const text = () =>
    flags.vector ? toVector({ fPort: flags.fport, hex: flags.hex }, result) : JSON.stringify(result, null, 2);
  print(result, { json: flags.json, lines: () => [text()] });
  if (result.errors.length > 0) throw new Exit(EXIT.MISMATCH);
}

function faultLine({ field, message }: { field: string; message: string }): string {
  return `${field}: ${message}`;
}

function conclude(result: object, json: boolean | undefined, faults: number): void {
  print(result, { json, lines: () => [JSON.stringify(result, null, 2)] });
  if (faults > 0) throw new Exit(EXIT.MISMATCH);
}
