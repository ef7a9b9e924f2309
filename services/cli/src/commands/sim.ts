import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import {
  createBenchCity,
  createSim,
  readFillCsv,
  replayFills,
  replayPlaces,
  shiftToNow,
  type FaultMode,
  type ReplaySummary,
} from '@ronde/firmware-sim';
import { createClock } from '@ronde/kit';
import { openSensorTypes } from '@ronde/sensor-types';
import { EXIT, Exit } from '../exit.ts';
import { positiveNumber, print, readText, wholeNumber } from '../output.ts';
import { defaultToken } from './replay.ts';
import { provision } from './sim-provision.ts';

interface SimFlags {
  devices: number;
  interval: number;
  faults: FaultMode;
  fromCsv?: string;
  mqtt: string;
  seed: number;
  api: string;
  token?: string;
  tenant: string;
  speed?: number;
  for?: number;
  keepTimes?: boolean;
  provision: boolean;
  secret?: string;
  json?: boolean;
}

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Adds `ronde sim`: simulated devices, or a recorded series, against a running broker. */
export function addSimCommand(program: Command): void {
  program
    .command('sim')
    .description(
      'Simulate devices against a broker, or replay container_id,time,percent as devices; Ctrl+C ends it with a summary.',
    )
    .option('--devices <n>', 'how many devices', wholeNumber('devices', 1, 20_000), 20)
    .option('--interval <time>', 'how often each reports, such as 30s, 15m or 1h', duration('interval'), 15 * 60_000)
    .option(
      '--faults <mode>',
      'none, or city: losses, duplicates, noise, failures as measured in a real city',
      faultMode,
      'none',
    )
    .option('--from-csv <file>', 'replay this series instead')
    .option('--mqtt <url>', 'broker', 'mqtt://127.0.0.1:1883')
    .option('--seed <n>', 'seed', wholeNumber('seed', 0, 2 ** 31), 1)
    .option('--api <url>', 'Ronde, to register assets and devices', 'http://127.0.0.1:8080')
    .option('--token <token>', 'admin token; ADMIN_TOKEN or DATA_DIR/admin-token when absent')
    .option('--tenant <id>', 'tenant in the topics', 'default')
    .option('--speed <x>', 'times faster than real time, or max; 1 for devices, max for a series', speed)
    .option('--for <time>', 'end after this time', duration('for'))
    .option('--keep-times', 'do not move a series to the present (by whole weeks)')
    .option('--no-provision', 'register nothing: the devices exist, or the broker asks for no credentials')
    .option('--secret <text>', 'password of every device, with --no-provision')
    .option('--json', 'print one JSON object')
    .action(async (flags: SimFlags) => {
      const summary = flags.fromCsv === undefined ? await simulate(flags) : await replay(flags.fromCsv, flags);
      print(summary, { json: flags.json, lines: () => [describe(summary)] });
      if (summary.acked < summary.published)
        throw new Exit(EXIT.MISMATCH, `${summary.published - summary.acked} messages were not acknowledged`);
    });
}

function describe({ published, acked, devices, firstAt, lastAt, seconds }: ReplaySummary): string {
  const rate = Math.round(acked / Math.max(0.001, seconds));
  return `${published} messages of ${devices} devices (${firstAt} to ${lastAt}), ${acked} acknowledged, in ${seconds} s (${rate} a second)`;
}

async function replay(file: string, flags: SimFlags): Promise<ReplaySummary> {
  const read = readFillCsv(readText(file));
  if (!read.ok)
    throw new Exit(
      EXIT.USAGE,
      read.faults.map(({ field, message, remedy }) => `${file}, ${field}: ${message}; ${remedy}`).join('\n'),
    );
  const rows = flags.keepTimes ? read.value : shiftToNow(read.value, Date.now());
  const secrets = await secretsOf(replayPlaces(rows, flags.seed), flags);
  const options = {
    rows,
    mqttUrl: flags.mqtt,
    tenant: flags.tenant,
    secrets,
    speed: flags.speed ?? Infinity,
    signal: endOf(flags),
  };
  return replayFills(options).catch((error: unknown) => {
    throw new Exit(EXIT.MISMATCH, `${(error as Error).message} (${flags.mqtt})`);
  });
}

async function simulate(flags: SimFlags): Promise<ReplaySummary> {
  const speedUp = flags.speed ?? 1;
  if (speedUp === Infinity) throw new Exit(EXIT.USAGE, '--speed max is for --from-csv; give a number');
  const city = createBenchCity({ seed: flags.seed, devices: flags.devices, intervalMs: flags.interval });
  const devices = city.devices.map(({ link: _, intervalMs: __, historyIntervalMs: ___, ...device }) => device);
  const secrets = await secretsOf({ assets: city.assets, devices }, flags);
  const sensorTypes = await openSensorTypes();
  const clock = createClock({ startMs: Date.now(), speed: speedUp });
  const sim = createSim({
    city,
    clock,
    tenant: flags.tenant,
    mqttUrl: flags.mqtt,
    credentials: { integrations: {}, devices: secrets },
    crewTokens: {},
    faults: flags.faults,
    seed: flags.seed,
    encode: sensorTypes.encode,
    stamp: speedUp === 1,
  });
  const startedMs = Date.now();
  try {
    await sim.start().catch((error: unknown) => {
      throw new Exit(EXIT.MISMATCH, `${(error as Error).message} (${flags.mqtt})`);
    });
    const signal = endOf(flags);
    process.stderr.write(`${flags.devices} devices report every ${flags.interval / 1000} s; Ctrl+C ends it.\n`);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await sim.stop();
    await sensorTypes.close();
  }
  const { published, acked } = sim.stats();
  const endedMs = Date.now();
  return {
    published,
    acked,
    devices: devices.length,
    firstAt: new Date(startedMs).toISOString(),
    lastAt: new Date(endedMs).toISOString(),
    seconds: (endedMs - startedMs) / 1000,
  };
}

async function secretsOf(wanted: Parameters<typeof provision>[1], flags: SimFlags): Promise<Record<string, string>> {
  if (!flags.provision) return Object.fromEntries(wanted.devices.map(({ id }) => [id, flags.secret ?? '']));
  return provision({ url: flags.api, token: flags.token ?? defaultToken() }, wanted);
}

/** Ends at the time asked for, or on Ctrl+C. */
function endOf(flags: SimFlags): AbortSignal {
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort());
  if (flags.for !== undefined) void sleep(flags.for, undefined, { ref: false }).then(() => end.abort());
  return end.signal;
}

function duration(name: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text);
    const ms = match ? Number(match[1]) * UNITS_MS[match[2]!]! : 0;
    if (ms < 100) throw new Exit(EXIT.USAGE, `--${name} must be a time such as 30s, 15m or 1h, not ${text}`);
    return ms;
  };
}

function faultMode(text: string): FaultMode {
  if (text === 'none' || text === 'city') return text;
  throw new Exit(EXIT.USAGE, `--faults must be none or city, not ${text}`);
}

function speed(text: string): number {
  return text === 'max' ? Infinity : positiveNumber('speed')(text);
}
