import type { Command } from 'commander';
import { defaultToken } from '../api-client.ts';
import { EXIT, Exit } from '../exit.ts';
import { print } from '../output.ts';

interface ReplayFlags {
  type?: string;
  device?: string;
  from?: string;
  to?: string;
  deadLetters?: boolean;
  dryRun?: boolean;
  api: string;
  token?: string;
  json?: boolean;
}

/** Adds `ronde replay`: it asks a running Ronde to decode stored raw frames again. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('Decode stored raw frames again on a running Ronde, and show the difference.')
    .option('--type <id>', 'frames of devices of this sensor type')
    .option('--device <id>', 'frames of this device')
    .option('--from <iso>', 'received from')
    .option('--to <iso>', 'received before')
    .option('--dead-letters', 'replay every open dead letter instead')
    .option('--dry-run', 'change nothing')
    .option('--api <url>', 'address of Ronde', 'http://127.0.0.1:8080')
    .option('--token <token>', 'bearer token; ADMIN_TOKEN or DATA_DIR/admin-token when absent')
    .option('--json', 'print one JSON object')
    .action(async (flags: ReplayFlags) => replay(flags));
}

async function replay(flags: ReplayFlags): Promise<void> {
  if (!flags.deadLetters && !flags.type && !flags.device && !(flags.from && flags.to)) {
    throw new Exit(EXIT.USAGE, 'say what to replay: --type, --device, --from with --to, or --dead-letters');
  }
  const call = caller(flags.api, flags.token ?? defaultToken());
  const result = flags.deadLetters
    ? await replayDeadLetters(call, flags.dryRun ?? false)
    : await replaySpan(call, flags);
  print(result, { json: flags.json, lines: () => [JSON.stringify(result, null, 2)] });
}

type Call = (method: string, path: string, body?: object) => Promise<Record<string, unknown>>;

async function replaySpan(call: Call, { type, device, from, to, dryRun }: ReplayFlags): Promise<object> {
  return call('POST', '/v1/replays', {
    ...(type && { typeId: type }),
    ...(device && { deviceId: device }),
    ...(from && { from }),
    ...(to && { to }),
    dryRun: dryRun ?? false,
  });
}

async function replayDeadLetters(call: Call, dryRun: boolean): Promise<object> {
  const results: unknown[] = [];
  let cursor: unknown;
  const ids: string[] = [];
  do {
    const page = await call(
      'GET',
      `/v1/dead-letters?status=open&limit=1000${cursor ? `&cursor=${encodeURIComponent(String(cursor))}` : ''}`,
    );
    ids.push(...(page['items'] as { id: string }[]).map(({ id }) => id));
    cursor = page['next'];
  } while (cursor);
  if (!dryRun) for (const id of ids) results.push(await call('POST', `/v1/dead-letters/${id}/replay`));
  const replayed = results.filter((result) => (result as { status: string }).status === 'replayed').length;
  return { open: ids.length, replayed, dryRun, results };
}

function caller(api: string, token: string): Call {
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    const response = await fetch(new URL(path, api), {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new Exit(EXIT.MISMATCH, `no Ronde answers at ${api}: ${(error as Error).message}`);
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok)
      throw new Exit(
        EXIT.MISMATCH,
        `${String(answer['detail'])} (${String(answer['code'])}): ${String(answer['remedy'])}`,
      );
    return answer;
  };
}
