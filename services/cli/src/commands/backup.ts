import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ErasureRecord, isRondeError } from '@ronde/contracts';
import { beginNewLine, openInbox, rebuildInbox, type Rebuilt } from '@ronde/inbox';
import { addErasures, readAll, s3Of, version, type AllConfigs } from '@ronde/run';
import { sealedAdvice, sealedState, type SealedState } from '../archive/sealed.ts';
import { isFile, isInflux, missingFiles, storesOf } from '../archive/stores.ts';
import { restoreArchive } from '../archive/restore-archive.ts';
import { writeArchive, type Manifest } from '../archive/write-archive.ts';
import { environment } from '../environment.ts';
import { EXIT, Exit } from '../exit.ts';
import { print } from '../output.ts';

const WHAT = `
The archive is a plain tar file (ustar, not compressed) that holds registry.sqlite, readings.sqlite and inbox.sqlite, in
that order, and last ronde-backup.json with version, schemas and SHA-256 of each. Every message that was acknowledged
before the backup began is in it. Stores on PostgreSQL are SQLite files in it all the same, and each can be restored to
either: back up with the old REGISTRY_URL and READINGS_URL, restore with the new ones, and the site has moved.
Of readings in InfluxDB it holds the journal (how far the inbox was read, what is on its way), not the readings: copy those
AFTER it with "influx backup", and put them back BEFORE "ronde restore"; what lies between is handled again from the inbox.
--with-readings, while no Ronde runs on DATA_DIR, copies them into readings.sqlite instead, to move to another store.
Not in it: admin-token (a restored Ronde makes a new one unless ADMIN_TOKEN is set),
the demo's simulator state, and seal-key: a key that lies beside what it encrypts protects nothing. Keep DATA_DIR/seal-key
(or SEAL_KEY) somewhere else; without it the LoRaWAN and network keys of a restored Ronde can never be read again. Keep it as safe as DATA_DIR: it holds hashes of secrets, and where crews work.`;

const SEAL_KEY_APART =
  'Not in it: seal-key, which the LoRaWAN and network keys are encrypted with. Keep a copy of it elsewhere.';

/** Adds `ronde backup` and `ronde restore`. */
export function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .description('Write one archive of all stores in DATA_DIR, also while Ronde runs on it.')
    .argument('<file>', 'archive to write, such as ronde-2026-01-05.tar')
    .option('--force', 'replace FILE when it is there')
    .option('--with-readings', 'also the readings in InfluxDB; Ronde must not run')
    .option('--json', 'print one JSON object')
    .addHelpText('after', WHAT)
    .action(async (file: string, flags: BackupFlags) => backup(resolve(file), flags));
  program
    .command('restore')
    .description('Put the stores of an archive where the configuration has them; Ronde must not run on them.')
    .argument('[file]', 'archive that "ronde backup" wrote')
    .option(
      '--from-shipped [url]',
      'then bring the inbox up to what was shipped to this place; INBOX_SHIP_URL unless told',
    )
    .option('--line <id>', 'which inbox, where several were shipped to one place')
    .option('--force', 'replace the stores of a DATA_DIR, or of databases, that are not empty')
    .option('--json', 'print one JSON object')
    .addHelpText('after', WHAT)
    .action(async (file: string | undefined, flags: RestoreFlags) => restore(file && resolve(file), flags));
}

/** What is printed; `file` of a backup, `dataDir` of a restore. */
interface Report {
  manifest: Manifest;
  tookS: number;
  file?: string;
  dataDir?: string;
  /** Of a backup: buckets whose readings are not in it. */
  leftToInflux?: string[];
  /** Whether encrypted keys can be read after a restore. */
  sealedKeys?: SealedState;
  rebuilt?: Rebuilt;
}
interface Flags {
  force?: boolean;
  json?: boolean;
}
interface BackupFlags extends Flags {
  withReadings?: boolean;
}
interface RestoreFlags extends Flags {
  fromShipped?: string | true;
  line?: string;
}

async function backup(file: string, { force, json, withReadings }: BackupFlags): Promise<void> {
  const platform = platformConfig();
  const stores = storesOf(platform, [withReadings ? 'readings' : 'journal']);
  const missing = missingFiles(stores);
  if (missing.length > 0) {
    throw new Exit(
      EXIT.USAGE,
      `there is no Ronde in ${resolve(platform.DATA_DIR)}: ${missing.join(', ')} missing; set DATA_DIR`,
    );
  }
  if (existsSync(file) && !force)
    throw new Exit(EXIT.USAGE, `${file} is there already; choose another name, or --force`);
  if (!existsSync(dirname(file))) throw new Exit(EXIT.USAGE, `there is no folder ${dirname(file)}`);
  // the journal has one owner
  if (withReadings && isInflux(platform)) await refuseWhenRunning(join(resolve(platform.DATA_DIR), 'inbox'));
  const startMs = performance.now();
  const manifest = await writeArchive(file, stores, { rondeVersion: version, nowMs: Date.now() }).catch(
    (error: Error) => {
      throw new Exit(EXIT.MISMATCH, `the backup failed and left nothing behind: ${error.message}`);
    },
  );
  const leftToInflux = isInflux(platform) && !withReadings ? bucketsOf(platform) : undefined;
  const result = { file, manifest, tookS: secondsSince(startMs), ...(leftToInflux && { leftToInflux }) };
  const also = [...(leftToInflux ? influxAdvice(platform, leftToInflux) : []), SEAL_KEY_APART];
  report(`Wrote ${file}`, result, { json, also });
}

function bucketsOf({ INFLUX_BUCKET }: AllConfigs['platform']): string[] {
  return [INFLUX_BUCKET, `${INFLUX_BUCKET}-hourly`, `${INFLUX_BUCKET}-daily`];
}

function influxAdvice(platform: AllConfigs['platform'], buckets: readonly string[]): string[] {
  const host = platform.READINGS_URL.slice('influxdb+'.length);
  return [
    `Not in it: the readings in InfluxDB (buckets ${buckets.join(', ')}). Copy them now, after this archive:`,
    ...buckets.map(
      (bucket) =>
        `  influx backup --host ${host} --org ${platform.INFLUX_ORG} --bucket ${bucket} --token … FOLDER/${bucket}`,
    ),
  ];
}

async function restore(file: string | undefined, flags: RestoreFlags): Promise<void> {
  if (file === undefined) return restoreShipped(flags);
  const { force, json } = flags;
  const platform = platformConfig();
  const dataDir = resolve(platform.DATA_DIR);
  const stores = storesOf(platform);
  const full =
    missingFiles(stores).length < stores.filter(isFile).length ||
    (existsSync(dataDir) && readdirSync(dataDir).length > 0);
  if (full && !force)
    throw new Exit(EXIT.USAGE, `${dataDir} is not empty; choose an empty DATA_DIR, or --force to replace its stores`);
  await refuseWhenRunning(join(dataDir, 'inbox'));
  const startMs = performance.now();
  const manifest = await restoreArchive(file, stores, { dataDir, replace: force === true });
  if (flags.fromShipped === undefined) beginNewLine(join(dataDir, 'inbox'));
  const rebuilt = flags.fromShipped === undefined ? undefined : await fromShipped(platform, flags);
  const sealedKeys = await sealedState(platform);
  const result = { dataDir, manifest, tookS: secondsSince(startMs), sealedKeys, ...(rebuilt && { rebuilt }) };
  report(`Restored ${dataDir} as of ${manifest.createdAt}`, result, { json, also: sealedAdvice(sealedKeys, dataDir) });
}

/** Puts back the inbox alone: the other stores are still there, or on a server. */
async function restoreShipped(flags: RestoreFlags): Promise<void> {
  if (flags.fromShipped === undefined) throw new Exit(EXIT.USAGE, 'name an archive, or --from-shipped, or both');
  const platform = platformConfig();
  const dataDir = resolve(platform.DATA_DIR);
  if (existsSync(join(dataDir, 'inbox', 'inbox.sqlite')) && !flags.force)
    throw new Exit(EXIT.USAGE, `${dataDir} holds an inbox; move it away, or --force to add to it what was shipped`);
  const startMs = performance.now();
  const rebuilt = await fromShipped(platform, flags);
  print({ dataDir, rebuilt, tookS: secondsSince(startMs) }, { json: flags.json, lines: () => [rebuiltLine(rebuilt)] });
}

async function fromShipped(
  platform: AllConfigs['platform'],
  { fromShipped: given, line }: RestoreFlags,
): Promise<Rebuilt> {
  const url = typeof given === 'string' ? given : platform.INBOX_SHIP_URL;
  if (url === undefined) throw new Exit(EXIT.USAGE, '--from-shipped needs a URL where INBOX_SHIP_URL is not set');
  const dataDir = resolve(platform.DATA_DIR);
  const rebuilt = await rebuildInbox({ dir: join(dataDir, 'inbox'), url, s3: s3Of(platform), line });
  const records = rebuilt.erasures.map((text) => ErasureRecord.parse(JSON.parse(text)));
  await addErasures(dataDir, records);
  return rebuilt;
}

function rebuiltLine({ line, segments, frames, damaged }: Rebuilt): string {
  const missing = damaged.length > 0 ? `; NOT whole, and left out: ${damaged.join(', ')}` : '';
  return `  ${frames} frames from ${segments} shipped segments of inbox ${line}${missing}`;
}

/** Only whoever gets the inbox may replace it; one that is damaged is no reason to refuse. */
async function refuseWhenRunning(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  try {
    const inbox = await openInbox({ dir });
    await inbox.close();
  } catch (error) {
    if (isRondeError(error, 'DATA_DIR_LOCKED')) throw error;
  }
}

function platformConfig(): AllConfigs['platform'] {
  const configs = readAll(environment());
  if (configs.ok) return configs.value.platform;
  throw new Exit(EXIT.CONFIG, configs.faults.map(({ field, message }) => `${field}: ${message}`).join('; '));
}

function report(
  headline: string,
  result: Report,
  { json, also }: { json: boolean | undefined; also: readonly string[] },
): void {
  print(result, {
    json,
    lines: () => [
      `${headline} (${result.tookS} s)`,
      ...result.manifest.files.map(({ name, bytes }) => `  ${name.padEnd(16)} ${(bytes / 1e6).toFixed(1)} MB`),
      ...also,
      ...(result.rebuilt ? [rebuiltLine(result.rebuilt)] : []),
    ],
  });
}

function secondsSince(startMs: number): number {
  return Math.round(performance.now() - startMs) / 1000;
}
