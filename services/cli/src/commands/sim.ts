import { Option, type Command } from 'commander';
import {
  FAULT_MIXES,
  NETWORK_IDS,
  SCENARIOS,
  readFaultMix,
  type FaultMix,
  type NetworkId,
  type ScenarioName,
} from '@ronde/firmware-sim';
import { EXIT, Exit } from '../exit.ts';
import { positiveNumber, print, wholeNumber } from '../output.ts';
import { replaySeries } from './sim-replay.ts';
import { simulate, type SimSummary } from './sim-run.ts';

/** What the command was asked for; what is absent comes from the scenario. */
export interface SimFlags {
  scenario: ScenarioName;
  devices?: number;
  interval?: number;
  faults?: FaultMix;
  networks?: readonly NetworkId[];
  /** 'all', or ids. */
  types?: 'all' | string[];
  typesDir?: string;
  fromCsv?: string;
  mqtt: string;
  http?: string;
  out?: string;
  truth?: string;
  seed: number;
  api: string;
  token?: string;
  tenant: string;
  speed?: number;
  start?: number;
  duration?: number;
  connections: number;
  keepTimes?: boolean;
  provision: boolean;
  secret?: string;
  json?: boolean;
}

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MOST_DEVICES = 100_000;

/** Adds `ronde sim`: simulated devices, or a recorded series, against a running broker. */
export function addSimCommand(program: Command): void {
  program
    .command('sim')
    .description(
      'Simulate devices against a broker and webhooks, or replay container_id,time,percent as devices; Ctrl+C ends it with a summary.',
    )
    .addOption(
      new Option('--scenario <name>', 'devices, interval, faults, networks and types under one name; flags win over it')
        .choices(Object.keys(SCENARIOS))
        .default('plain'),
    )
    .option('--devices <n>', 'how many devices (20)', wholeNumber('devices', 1, MOST_DEVICES))
    .option('--interval <time>', 'how often each reports, such as 30s, 15m or 1h (15m)', duration('interval'))
    .option(
      '--faults <mix>',
      `${Object.keys(FAULT_MIXES).join(', ')}, or faults with commas between them, each with a factor if wanted: loss,spike=3 (none)`,
      faultMix,
    )
    .option('--networks <list>', `all, or some of ${NETWORK_IDS.join(', ')} (native)`, networkList)
    .option('--types <list>', 'all, or sensor type ids with commas between them (usual fill sensors)', typeList)
    .option('--types-dir <dir>', 'extra folder with sensor types')
    .option('--from-csv <file>', 'replay this series instead')
    .option('--mqtt <url>', 'broker', 'mqtt://127.0.0.1:1883')
    .option('--http <url>', 'where webhooks are called; the --api address when absent')
    .option('--out <file>', 'write the messages into this file, one JSON object a line, and connect to nothing')
    .option('--truth <file>', 'ground truth, one JSON object a line (firmware-sim/TRUTH.md)')
    .option('--seed <n>', 'seed: the same seed and start give the same messages', wholeNumber('seed', 0, 2 ** 31))
    .option('--start <iso>', 'simulated time of the start; so that the end is now when a duration is given', instant)
    .option('--duration <time>', 'end after this simulated time', duration('duration'))
    .option('--speed <x>', 'times faster than real time, or max; 1 for devices, max for a series', speed)
    .option('--api <url>', 'Ronde, to register assets, devices and integrations', 'http://127.0.0.1:8080')
    .option('--token <token>', 'admin token; ADMIN_TOKEN or DATA_DIR/admin-token when absent')
    .option('--tenant <id>', 'tenant in the topics', 'default')
    .option(
      '--connections <n>',
      'most native devices with a connection of their own; the others share one integration',
      wholeNumber('connections', 0, 20_000),
      5_000,
    )
    .option('--keep-times', 'do not move a series to the present (by whole weeks)')
    .option('--no-provision', 'register nothing: everything exists, or the broker asks for no credentials')
    .option('--secret <text>', 'password of every device and integration (sim-<source>), with --no-provision')
    .option('--json', 'print one JSON object')
    .action(async (given: SimFlags) => {
      const flags = { ...given, seed: given.seed ?? 1 };
      const summary = flags.fromCsv === undefined ? await simulate(flags) : await replaySeries(flags.fromCsv, flags);
      print(summary, { json: flags.json, lines: () => [describe(summary)] });
      if (summary.acked < summary.published)
        throw new Exit(EXIT.MISMATCH, `${summary.published - summary.acked} messages were not acknowledged`);
    });
}

function describe(summary: SimSummary): string {
  const { published, acked, devices, firstAt, lastAt, seconds, lost, duplicates, late } = summary;
  const rate = Math.round(acked / Math.max(0.001, seconds));
  const faults =
    lost === undefined ? '' : `; ${lost} more were lost on the air on purpose, ${duplicates} came twice, ${late} late`;
  return `${published} messages of ${devices} devices (${firstAt} to ${lastAt}), ${acked} acknowledged, in ${seconds} s (${rate} a second)${faults}`;
}

function duration(name: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text);
    const ms = match ? Number(match[1]) * UNITS_MS[match[2]!]! : 0;
    if (ms < 100) throw new Exit(EXIT.USAGE, `--${name} must be a time such as 30s, 15m or 1h, not ${text}`);
    return ms;
  };
}

function instant(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) throw new Exit(EXIT.USAGE, `--start must be a time such as 2026-01-05T06:00:00Z, not ${text}`);
  return ms;
}

function faultMix(text: string): FaultMix {
  const read = readFaultMix(text);
  if (read.ok) return read.value;
  const names = Object.keys(FAULT_MIXES).join(', ');
  throw new Exit(
    EXIT.USAGE,
    `--faults: "${read.word}" is neither one of ${names} nor a fault (firmware-sim/FAULTS.md)`,
  );
}

function networkList(text: string): readonly NetworkId[] {
  if (text === 'all') return NETWORK_IDS;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(NETWORK_IDS as readonly string[]).includes(name));
  if (unknown === undefined) return names as NetworkId[];
  throw new Exit(EXIT.USAGE, `--networks: "${unknown}" is none of ${NETWORK_IDS.join(', ')}`);
}

function typeList(text: string): 'all' | string[] {
  return text === 'all' ? 'all' : text.split(',').map((id) => id.trim());
}

function speed(text: string): number {
  return text === 'max' ? Infinity : positiveNumber('speed')(text);
}
