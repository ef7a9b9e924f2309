import type { Command } from 'commander';
import { setUpInflux, type InfluxSetup } from '@ronde/readings';
import { environment } from '../environment.ts';
import { EXIT, Exit } from '../exit.ts';
import { print, wholeNumber } from '../output.ts';

interface Flags {
  url?: string;
  token?: string;
  org?: string;
  bucket?: string;
  retentionDays?: number;
  hourlyDays: number;
  username?: string;
  password?: string;
  renew?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

const LONGEST_DAYS = 36_500;
const FIVE_YEARS_DAYS = 1_826;

/** Adds `ronde influx setup`. */
export function addInfluxCommand(program: Command): void {
  const influx = program.command('influx').description('An InfluxDB 2 as the store of readings.');
  influx
    .command('setup')
    .description(
      'Make buckets, downsampling tasks and tokens in an InfluxDB 2, and print what belongs in the environment.',
    )
    .option('--url <url>', 'http://host:8086; INFLUX_URL, or the one of READINGS_URL, when absent')
    .option('--token <token>', 'operator or all-access token; INFLUX_ADMIN_TOKEN when absent')
    .option('--org <name>', 'organisation; INFLUX_ORG when absent')
    .option('--bucket <name>', 'bucket of readings; INFLUX_BUCKET when absent')
    .option(
      '--retention-days <days>',
      'days that readings are kept, 0 = for ever',
      wholeNumber('retention-days', 0, LONGEST_DAYS),
    )
    .option(
      '--hourly-days <days>',
      'days that hours are kept, 0 = for ever',
      wholeNumber('hourly-days', 0, LONGEST_DAYS),
      FIVE_YEARS_DAYS,
    )
    .option('--username <name>', 'first user of a server that has none yet')
    .option('--password <password>', 'and its password; INFLUX_PASSWORD when absent')
    .option('--renew', 'make new tokens though there are some')
    .option('--dry-run', 'show what would be made and make nothing')
    .option('--json', 'print one JSON object')
    .action(setup);
}

async function setup(flags: Flags): Promise<void> {
  const env = environment();
  const url = flags.url ?? env['INFLUX_URL'] ?? urlOf(env['READINGS_URL']);
  if (!url || !/^https?:\/\//.test(url))
    throw new Exit(EXIT.USAGE, 'say where it is: --url http://host:8086, or INFLUX_URL');
  const result = await setUpInflux({
    url: url.replace(/\/+$/, ''),
    token: flags.token ?? env['INFLUX_ADMIN_TOKEN'],
    org: flags.org ?? env['INFLUX_ORG'] ?? 'ronde',
    bucket: flags.bucket ?? env['INFLUX_BUCKET'] ?? 'ronde',
    retentionDays: flags.retentionDays ?? Number(env['INFLUX_RETENTION_DAYS'] ?? 90),
    hourlyDays: flags.hourlyDays,
    username: flags.username,
    password: flags.password ?? env['INFLUX_PASSWORD'],
    renew: flags.renew ?? false,
    dryRun: flags.dryRun ?? false,
  });
  print({ dryRun: flags.dryRun ?? false, ...result }, { json: flags.json, lines: () => linesOf(result, flags) });
}

function urlOf(readingsUrl: string | undefined): string | undefined {
  return readingsUrl?.startsWith('influxdb+') ? readingsUrl.slice('influxdb+'.length) : undefined;
}

function linesOf({ steps, env }: InfluxSetup, { dryRun }: Flags): string[] {
  const hasTokens = env['INFLUX_TOKEN'] !== undefined;
  return [
    ...steps.map(({ kind, name, status, detail }) => {
      const word = dryRun && status !== 'kept' ? `would be ${status}` : status;
      return `${word.padEnd(dryRun ? 17 : 8)}${kind} ${name}${detail === undefined ? '' : `: ${detail}`}`;
    }),
    '',
    ...(dryRun
      ? []
      : [
          '# for the environment of Ronde (.env); tokens are shown once',
          ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
        ]),
    ...(dryRun || hasTokens ? [] : ['# INFLUX_TOKEN: as it was; lost? run again with --renew']),
  ];
}
