import { resolve } from 'node:path';
import type { Command } from 'commander';
import { openLog } from '@ronde/kit';
import { changeReadingsSchema } from '@ronde/readings';
import { changeRegistrySchema } from '@ronde/registry';
import { readAll } from '@ronde/run';
import { environment } from '../environment.ts';
import { EXIT, Exit } from '../exit.ts';
import { print } from '../output.ts';

const WHAT = `
A newer Ronde brings its stores up to date by itself; an older one refuses such a store (SCHEMA_NEWER). To go back: stop
Ronde, back up, run this with the newer version, and start the older one. Release notes name the numbers.`;

interface Flags {
  registry?: string;
  readings?: string;
  json?: boolean;
}

/** Adds `ronde schema`. */
export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('Bring the schema of a store back for an older Ronde; no Ronde may run on it.')
    .option('--registry <number>', 'schema of the registry to go to')
    .option('--readings <number>', 'schema of the readings store to go to (PostgreSQL)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', WHAT)
    .action(changeSchemas);
}

async function changeSchemas({ registry, readings, json }: Flags): Promise<void> {
  if (registry === undefined && readings === undefined)
    throw new Exit(EXIT.USAGE, 'name what to change: --registry N, --readings N');
  const configs = readAll(environment());
  if (!configs.ok)
    throw new Exit(EXIT.CONFIG, configs.faults.map(({ field, message }) => `${field}: ${message}`).join('; '));
  const { DATA_DIR, REGISTRY_URL, READINGS_URL } = configs.value.platform;
  const options = { dataDir: resolve(DATA_DIR), log: openLog('warn') };
  const changes: Record<string, { before: number; after: number }> = {};
  if (registry !== undefined)
    changes['registry'] = await changeRegistrySchema(REGISTRY_URL, numberOf(registry), options);
  if (readings !== undefined) {
    const after = numberOf(readings);
    changes['readings'] = { before: await changeReadingsSchema(READINGS_URL, after, options), after };
  }
  print(changes, {
    json,
    lines: () => Object.entries(changes).map(([store, { before, after }]) => `${store}: schema ${before} → ${after}`),
  });
}

function numberOf(text: string): number {
  // 0 is a store without anything: nobody can mean that
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Exit(EXIT.USAGE, `${text} is no number of a schema`);
  return Number(text);
}
