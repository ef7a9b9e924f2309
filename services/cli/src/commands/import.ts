import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Argument, type Command } from 'commander';
import type { Import, ImportRow, ImportUndone, Page } from '@ronde/contracts';
import { callJson, withApiOptions, type ApiFlags } from '../api-client.ts';
import { EXIT, Exit } from '../exit.ts';
import { print } from '../output.ts';

interface ImportFlags extends ApiFlags {
  dryRun?: boolean;
  undo?: string;
  json?: boolean;
}
type Kind = Import['kind'];

const PATHS: Record<Kind, string> = {
  devices: 'device-imports',
  assets: 'asset-imports',
  readings: 'reading-imports',
};
const POLL_MS = 200;
/** Lines for people; --json tells all. */
const MAX_TOLD = 50;

/** Adds `ronde import`: a CSV or XLSX file into a running Ronde, with a result per row. */
export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description('Import assets, devices or readings from a CSV or XLSX file into a running Ronde.')
    .addArgument(new Argument('<kind>', 'what the rows are').choices(Object.keys(PATHS)))
    .argument('[file]', 'CSV or XLSX; the headings are the field names of the API, or names close to them')
    .option('--dry-run', 'tell what would happen, change nothing')
    .option('--undo <id>', 'take an earlier import back, by the id that it printed')
    .option('--json', 'print one JSON object');
  withApiOptions(command).action((kind: Kind, file: string | undefined, flags: ImportFlags) =>
    flags.undo === undefined ? importFile(kind, file, flags) : undo(flags.undo, flags),
  );
}

async function importFile(kind: Kind, file: string | undefined, flags: ImportFlags): Promise<void> {
  if (file === undefined) throw new Exit(EXIT.USAGE, 'name the file to import, or an import to take back: --undo ID');
  const path = `/v1/${PATHS[kind]}?dryRun=${flags.dryRun ?? false}`;
  const headers = { 'content-type': 'application/octet-stream' };
  const begun = await callJson<Import>(flags, path, { method: 'POST', body: bytesOf(file), headers });
  const ended = await followed(begun, flags);
  const rows = await rowsOf(ended.id, flags);
  print({ ...ended, rows }, { json: flags.json, lines: () => linesOf(ended, rows) });
  if (ended.refused > 0 || ended.status !== 'done') throw new Exit(EXIT.MISMATCH);
}

async function undo(id: string, flags: ImportFlags): Promise<void> {
  const result = await callJson<ImportUndone>(flags, `/v1/imports/${encodeURIComponent(id)}`, { method: 'DELETE' });
  const { removed, restored, kept } = result;
  print(result, {
    json: flags.json,
    lines: () => [
      `${removed} removed, ${restored} restored, ${kept.length} left as they are`,
      ...kept.slice(0, MAX_TOLD).map(({ row, id: what, reason }) => `  row ${row}, ${what}: ${reason}`),
    ],
  });
  if (kept.length > 0) throw new Exit(EXIT.MISMATCH);
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Exit(EXIT.USAGE, `cannot read ${file}: ${(error as Error).message}`);
  }
}

async function followed(begun: Import, flags: ImportFlags): Promise<Import> {
  for (let state = begun; ; state = await callJson<Import>(flags, `/v1/imports/${begun.id}`)) {
    process.stderr.write(`\r${state.handled} of ${state.total} rows`);
    if (state.status !== 'running') {
      process.stderr.write('\n');
      return state;
    }
    await pause(POLL_MS);
  }
}

async function rowsOf(id: string, flags: ImportFlags): Promise<ImportRow[]> {
  const rows: ImportRow[] = [];
  let cursor: string | undefined;
  do {
    const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await callJson<Page<ImportRow>>(flags, `/v1/imports/${id}/rows?limit=1000${after}`);
    rows.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return rows;
}

function linesOf(state: Import, rows: readonly ImportRow[]): string[] {
  const { id, dryRun, created, updated, unchanged, refused, warnings = [], fault } = state;
  const told = rows.flatMap(({ row, id: what = '', errors, warnings: doubts = [] }) => [
    ...errors.map(
      ({ field, message, remedy }) => `  row ${row} ${what}: ${field} ${message}${remedy ? `; ${remedy}` : ''}`,
    ),
    ...doubts.map((doubt) => `  row ${row} ${what}: ${doubt}`),
  ]);
  const rest = told.length - MAX_TOLD;
  const secrets = rows.filter(({ secret }) => secret !== undefined).length;
  return [
    `${dryRun ? 'Would be: ' : ''}${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused`,
    ...(fault === undefined ? [] : [`Broken off: ${fault}`]),
    ...warnings,
    ...told.slice(0, MAX_TOLD),
    ...(rest > 0 ? [`  … and ${rest} more; --json tells all`] : []),
    ...(secrets > 0
      ? ['Secrets for MQTT are shown this once, with --json; POST /v1/devices/{id}/secret renews one']
      : []),
    ...(dryRun || created + updated === 0 ? [] : [`Take it back: ronde import ${state.kind} --undo ${id}`]),
  ];
}
