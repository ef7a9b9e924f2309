import type { Command } from 'commander';
import { checkCodecs, checkNormalise, decodeOnce } from '@ronde/sensor-types';
import { checkEnvelopes } from '@ronde/run';
import { EXIT, Exit } from '../exit.ts';
import { print, readJsonLines, readText, wholeNumber } from '../output.ts';

interface DecodeFlags {
  type?: string;
  codec?: string;
  fport: number;
  hex: string;
  recvTime?: string;
  json?: boolean;
}

/** Adds the commands that engineers try payloads, codecs and envelopes with. */
export function addCheckCommands(program: Command): void {
  program
    .command('decode')
    .description('Decode one payload with a sensor type or a codec file, in the sandbox.')
    .option('--type <id>', 'sensor type')
    .option('--codec <file>', 'codec file with decodeUplink')
    .requiredOption('--fport <n>', 'LoRaWAN port', wholeNumber('fport', 0, 255))
    .requiredOption('--hex <bytes>', 'payload bytes, hexadecimal')
    .option('--recv-time <iso>', 'receive time, RFC 3339')
    .option('--json', 'print one JSON object')
    .action(async (flags: DecodeFlags) => decode(flags));
  program
    .command('codec')
    .description('Work with codecs.')
    .command('check <examples>')
    .description('Run a corpus of codec examples (JSON Lines) in the sandbox and compare.')
    .requiredOption('--codecs <dir>', 'folder of the scripts')
    .option('--json', 'print one JSON object')
    .action(async (file: string, { codecs, json }: { codecs: string; json?: boolean }) => {
      const result = await checkCodecs(readJsonLines(file), codecs);
      conclude(result, json, result.mismatch + result.errors);
    });
  program
    .command('normalise')
    .description('Work with sensor type mappings.')
    .command('check <examples>')
    .description('Run examples (JSON Lines) through the sensor types and compare canonical readings.')
    .option('--types <dir>', 'extra folder of sensor types')
    .option('--json', 'print one JSON object')
    .action(async (file: string, { types, json }: { types?: string; json?: boolean }) => {
      const result = await checkNormalise(readJsonLines(file), types ? [types] : []);
      conclude(result, json, result.wrong);
      if (result.faults.length > 0) throw new Exit(EXIT.CONFIG, result.faults.map(faultLine).join('\n'));
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

async function decode(flags: DecodeFlags): Promise<void> {
  if ((flags.type === undefined) === (flags.codec === undefined))
    throw new Exit(EXIT.USAGE, 'give either --type or --codec');
  if (!/^([0-9a-f]{2})*$/i.test(flags.hex)) throw new Exit(EXIT.USAGE, '--hex must be pairs of hexadecimal digits');
  const result = await decodeOnce({
    ...(flags.type !== undefined && { type: flags.type }),
    ...(flags.codec !== undefined && { script: readText(flags.codec) }),
    fPort: flags.fport,
    hex: flags.hex,
    ...(flags.recvTime !== undefined && { recvTime: flags.recvTime }),
  });
  print(result, { json: flags.json, lines: () => [JSON.stringify(result, null, 2)] });
  if (result.errors.length > 0) throw new Exit(EXIT.MISMATCH);
}

function faultLine({ field, message }: { field: string; message: string }): string {
  return `${field}: ${message}`;
}

function conclude(result: object, json: boolean | undefined, faults: number): void {
  print(result, { json, lines: () => [JSON.stringify(result, null, 2)] });
  if (faults > 0) throw new Exit(EXIT.MISMATCH);
}
