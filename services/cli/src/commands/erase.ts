import type { Command } from 'commander';
import type { ErasureInput, ErasureResult } from '@ronde/contracts';
import { callJson, withApiOptions, type ApiFlags } from '../api-client.ts';
import { EXIT, Exit } from '../exit.ts';
import { print } from '../output.ts';

interface EraseFlags extends ApiFlags {
  device?: string;
  asset?: string;
  before?: string;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

const RULE = `
What goes: readings, raw messages in the inbox and at the second place, dead letters, samples of unknown devices. No replay
brings it back. A message that also held other devices' values goes whole; what it gave the others stays. Archives are not
changed: a record of the erasure (a hash, no name) in DATA_DIR/erasures.jsonl and at the second place is applied when a Ronde
restored from an older archive starts. Each of several ingest workers goes through its own inbox; those that do not run are
named, and do it when they start. Stores on SQLite overwrite what they free, and fold their logs; PostgreSQL and InfluxDB let go of
it when they clean up (VACUUM, compaction). The device or asset itself stays: delete it afterwards, if it should go too.`;

/** Adds `ronde erase`: it asks a running Ronde to take away what was measured. */
export function addEraseCommand(program: Command): void {
  const command = program
    .command('erase')
    .description('Erase what a device or an asset measured, for good, from a running Ronde and its copies.')
    .option('--device <id>', 'everything this device sent')
    .option('--asset <id>', 'everything measured of this asset')
    .option('--before <iso>', 'what was received before; now when absent')
    .option('--dry-run', 'count what would go and change nothing')
    .option('--yes', 'erase; without it nothing is changed')
    .option('--json', 'print one JSON object')
    .addHelpText('after', RULE);
  withApiOptions(command).action(erase);
}

async function erase(flags: EraseFlags): Promise<void> {
  const { device, asset, before, dryRun = false, yes, json } = flags;
  if ((device === undefined) === (asset === undefined)) throw new Exit(EXIT.USAGE, 'name one: --device or --asset');
  if (!dryRun && !yes) throw new Exit(EXIT.USAGE, 'an erasure cannot be undone: look with --dry-run, then say --yes');
  const input: Partial<ErasureInput> = { dryRun, deviceId: device, assetId: asset, before };
  const result = await callJson<ErasureResult>(flags, '/v1/erasures', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(input)),
  });
  const { readings, frames, deadLetters, unknownDevices, segments, reached, waiting } = result;
  print(result, {
    json,
    lines: () => [
      `${dryRun ? 'Would erase' : 'Erased'} what ${device ?? asset} sent before ${result.before}:`,
      `  ${readings} readings, ${frames} raw messages, ${deadLetters} dead letters, ${unknownDevices} unknown devices`,
      ...(dryRun ? [] : [`  ${segments} segments at the second place written anew; worker ${reached.join(', ')} done`]),
      ...(waiting.length > 0
        ? [`  NOT yet in the inbox of worker ${waiting.join(', ')}: it follows within seconds once it runs`]
        : []),
    ],
  });
}
