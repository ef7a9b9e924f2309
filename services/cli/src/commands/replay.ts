import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { DeadLetter, Page, Replay, ReplayResult } from '@ronde/contracts';
import { callJson, withApiOptions, type ApiFlags } from '../api-client.ts';
import { EXIT, Exit } from '../exit.ts';
import { print } from '../output.ts';
import { linesOfReplay } from './replay-lines.ts';

interface ReplayFlags extends ApiFlags {
  type?: string;
  device?: string;
  from?: string;
  to?: string;
  version?: string;
  deadLetters?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

const POLL_MS = 250;
const ENDS = new Set<Replay['status']>(['compared', 'applied', 'cancelled', 'failed']);

/** Adds `ronde replay`: it asks a running Ronde to decode stored raw frames again. */
export function addReplayCommand(program: Command): void {
  const command = program
    .command('replay')
    .description('Decode stored raw frames again on a running Ronde: show what differs, then correct what is stored.')
    .option('--type <id>', 'frames of devices of this sensor type')
    .option('--device <id>', 'frames of this device')
    .option('--from <iso>', 'received from')
    .option('--to <iso>', 'received before')
    .option('--version <version>', 'version of the sensor type to read with; the active one when absent')
    .option('--dead-letters', 'replay every open dead letter instead')
    .option('--dry-run', 'show what differs and change nothing')
    .option('--yes', 'do not ask before anything changes')
    .option('--json', 'print one JSON object');
  withApiOptions(command).action((flags: ReplayFlags) => (flags.deadLetters ? replayLetters(flags) : replay(flags)));
}

async function replay(flags: ReplayFlags): Promise<void> {
  const { type, device, from, to, version } = flags;
  if (!type && !device && !(from && to))
    throw new Exit(EXIT.USAGE, 'say what to replay: --type, --device, --from with --to, or --dead-letters');
  const asked = { typeId: type, deviceId: device, from, to, version, dryRun: true };
  const compared = await followed(await post<Replay>(flags, '/v1/replays', asked), flags);
  if (!flags.json || flags.dryRun) tell(compared, flags);
  if (flags.dryRun || !differs(compared)) {
    if (flags.json && !flags.dryRun) tell(compared, flags);
    return;
  }
  if (!(await isAgreed(flags))) throw new Exit(EXIT.OK, `nothing was changed; ${compared.id} can still be applied`);
  tell(await followed(await post<Replay>(flags, `/v1/replays/${compared.id}/apply`), flags), flags);
}

/** Waits for the end; what ends otherwise than asked for ends the command too. */
async function followed(begun: Replay, flags: ReplayFlags): Promise<Replay> {
  for (let shown = -1, now = begun; ; now = await callJson<Replay>(flags, `/v1/replays/${begun.id}`)) {
    if (now.status === 'failed' || now.status === 'cancelled')
      throw new Exit(EXIT.MISMATCH, `${now.id} ${now.status}${now.fault === undefined ? '' : `: ${now.fault}`}`);
    if (ENDS.has(now.status)) return now;
    const percent = Math.floor(now.progress.share * 100);
    if (percent !== shown) process.stderr.write(`${now.progress.phase}: ${percent} %, ${now.progress.frames} frames\n`);
    shown = percent;
    await pause(POLL_MS);
  }
}

function differs({ diff }: Replay): boolean {
  return diff !== null && diff.readings.added + diff.readings.changed + diff.readings.removed > 0;
}

function tell(replay: Replay, { json }: ReplayFlags): void {
  print(replay, { json, lines: () => linesOfReplay(replay) });
}

/** Asks a person; a script that was told to replay has agreed already. */
async function isAgreed({ yes, json }: ReplayFlags): Promise<boolean> {
  if (yes || json || !process.stdin.isTTY) return true;
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y|yes|j|ja)$/i.test((await line.question('Correct the stored readings like this? [y/N] ')).trim());
  } finally {
    line.close();
  }
}

async function replayLetters(flags: ReplayFlags): Promise<void> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const query = `status=open&limit=1000${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page: Page<DeadLetter> = await callJson(flags, `/v1/dead-letters?${query}`);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  const results: ReplayResult[] = [];
  if (!flags.dryRun) for (const id of ids) results.push(await post(flags, `/v1/dead-letters/${id}/replay`));
  const replayed = results.filter(({ status }) => status === 'replayed').length;
  const result = { open: ids.length, replayed, dryRun: flags.dryRun ?? false, results };
  print(result, { json: flags.json, lines: () => [`${ids.length} open dead letters, ${replayed} became readings`] });
}

function post<T>(flags: ReplayFlags, path: string, body?: object): Promise<T> {
  if (!body) return callJson<T>(flags, path, { method: 'POST' });
  const headers = { 'content-type': 'application/json' };
  return callJson<T>(flags, path, { method: 'POST', body: Buffer.from(JSON.stringify(body)), headers });
}
