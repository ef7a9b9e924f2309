import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Argument, type Command } from 'commander';
import { callApi, withApiOptions, type ApiFlags } from '../api-client.ts';
import { EXIT, Exit } from '../exit.ts';

const TABLES = ['csv', 'jsonl', 'xlsx'];
const FORMATS: Record<string, string[]> = {
  assets: [...TABLES, 'geojson'],
  devices: TABLES,
  readings: TABLES,
  keys: [...TABLES, 'things-stack-csv', 'things-stack-json', 'chirpstack-json'],
};

interface ExportFlags extends ApiFlags {
  format: string;
  out?: string;
  from?: string;
  to?: string;
  asset?: string;
  device?: string;
  quantity?: string;
  integration?: string;
  frequencyPlan?: string;
  application?: string;
  deviceProfile?: string;
}

/** Adds `ronde export`: a collection of a running Ronde to standard output or a file. */
export function addExportCommand(program: Command): void {
  const command = program
    .command('export')
    .description('Export assets, devices, readings or LoRaWAN keys of a running Ronde.')
    .addArgument(new Argument('<kind>', 'what to export').choices(Object.keys(FORMATS)))
    .option('--format <format>', 'csv, jsonl, xlsx; assets also geojson; keys also lists for network servers', 'csv')
    .option('--out <file>', 'write to this file instead of standard output')
    .option('--from <iso>', 'readings measured from')
    .option('--to <iso>', 'readings measured before')
    .option('--asset <id>', 'readings of this asset')
    .option('--device <id>', 'readings of this device')
    .option('--quantity <name>', 'readings of this quantity')
    .option('--integration <id>', 'keys of devices of this integration')
    .option('--frequency-plan <id>', 'for The Things Stack')
    .option('--application <id>', 'for ChirpStack')
    .option('--device-profile <id>', 'for ChirpStack');
  withApiOptions(command).action((kind: string, flags: ExportFlags) => exportKind(kind, flags));
}

async function exportKind(kind: string, flags: ExportFlags): Promise<void> {
  const formats = FORMATS[kind] ?? [];
  if (!formats.includes(flags.format)) {
    const known = `${kind} come as ${formats.join(', ')}`;
    throw new Exit(EXIT.USAGE, `--format ${flags.format} is not in this version; ${known}`);
  }
  const query = new URLSearchParams(
    Object.entries({
      format: flags.format,
      from: flags.from,
      to: flags.to,
      assetId: flags.asset,
      deviceId: flags.device,
      quantity: flags.quantity,
      integrationId: flags.integration,
      frequencyPlanId: flags.frequencyPlan,
      applicationId: flags.application,
      deviceProfileId: flags.deviceProfile,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { body } = await callApi(flags, `/v1/exports/${kind}?${query}`);
  if (!body) return;
  const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
  // standard output stays open: the process ends by itself
  if (flags.out === undefined) await pipeline(source, process.stdout, { end: false });
  else await pipeline(source, createWriteStream(flags.out));
}
