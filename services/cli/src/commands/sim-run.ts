import { once } from 'node:events';
import {
  SCENARIOS,
  createLoadFleet,
  createSim,
  openTypeBook,
  type LoadFleet,
  type Scenario,
  type Sim,
  type SimLog,
} from '@ronde/firmware-sim';
import { createClock } from '@ronde/kit';
import { openEncoders, type Encoders } from '@ronde/sensor-types';
import { EXIT, Exit } from '../exit.ts';
import { beginFile } from '../output.ts';
import type { SimFlags } from './sim.ts';
import { credentialsOf } from './sim-provision.ts';
import { planTime, type SimTime } from './sim-time.ts';

/** What the command prints. */
export interface SimSummary {
  published: number;
  acked: number;
  devices: number;
  firstAt: string;
  lastAt: string;
  seconds: number;
  reports?: number;
  lost?: number;
  duplicates?: number;
  late?: number;
  failed?: number;
  connections?: number;
  memoryMb?: number;
  /** Processor time of the whole command. */
  cpuS?: number;
  notes?: string[];
}

const PROGRESS_MS = 5_000;
/** How long the last acknowledgements may take, after Ctrl+C and otherwise. */
const HURRY_MS = 5_000;
const PATIENCE_MS = 120_000;
/** More than one connection of an integration carries so many devices better. */
const DEVICES_PER_CONNECTION = 10_000;
const MOST_PER_INTEGRATION = 4;

/** Simulates a fleet until its duration is over or Ctrl+C. */
export async function simulate(flags: SimFlags): Promise<SimSummary> {
  const scenario: Scenario = SCENARIOS[flags.scenario];
  const encoders = await openEncoders({ dirs: flags.typesDir === undefined ? [] : [flags.typesDir] });
  for (const file of [flags.out, flags.truth]) if (file !== undefined) beginFile(file);
  const fleet = await fleetOf(flags, scenario, encoders);
  const time = planTime(flags, Date.now());
  const { credentials, notes } = await credentialsOf(fleet, flags);
  for (const note of notes) process.stderr.write(`${note}\n`);
  const clock = createClock({ startMs: time.startMs, speed: Number.isFinite(time.speed) ? time.speed : 1 });
  const sim = createSim({
    city: fleet,
    clock,
    startMs: time.startMs,
    endMs: time.endMs,
    tenant: flags.tenant,
    mqttUrl: flags.mqtt,
    httpUrl: flags.http ?? flags.api,
    outFile: flags.out,
    credentials,
    crewTokens: {},
    faults: flags.faults ?? scenario.faults,
    seed: flags.seed,
    encoders,
    visits: true,
    truthFile: flags.truth,
    truthLimitBytes: Infinity,
    wireMs: time.wireMs,
    catchUp: true,
    log: createTeller(),
    connectionsPerIntegration: Math.min(MOST_PER_INTEGRATION, Math.ceil(fleet.devices.length / DEVICES_PER_CONNECTION)),
  });
  const startedMs = performance.now();
  const seconds = (): number => Math.round(performance.now() - startedMs) / 1000;
  await run(sim, { flags, fleet, time });
  const { published, acked, failed, reports, lost, duplicates, late, connections } = sim.stats();
  return {
    published,
    acked,
    devices: fleet.devices.length,
    firstAt: new Date(time.startMs).toISOString(),
    lastAt: new Date(Math.min(time.endMs, sim.nowMs())).toISOString(),
    seconds: seconds(),
    reports,
    lost,
    duplicates,
    late,
    failed,
    connections,
    memoryMb: Math.round(process.memoryUsage.rss() / 1024 / 1024),
    cpuS: Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1e4) / 100,
    ...(notes.length > 0 && { notes }),
  };
}

async function run(
  sim: Sim,
  { flags, fleet, time }: { flags: SimFlags; fleet: LoadFleet; time: SimTime },
): Promise<void> {
  const end = untilEnd();
  const progress = setInterval(() => process.stderr.write(`${progressOf(sim)}\n`), PROGRESS_MS);
  try {
    await sim.connect().catch((error: unknown) => {
      throw new Exit(EXIT.MISMATCH, `${(error as Error).message} (${flags.out ?? flags.mqtt})`);
    });
    const { devices } = fleet;
    process.stderr.write(
      `${devices.length} devices report every ${devices[0]!.intervalMs / 1000} s; Ctrl+C ends it.\n`,
    );
    if (time.speed === Infinity) await sim.fastForward(time.endMs, end.signal);
    else {
      await sim.start();
      await Promise.race([sim.ended(), end.signal.aborted ? undefined : once(end.signal, 'abort')]);
    }
  } finally {
    clearInterval(progress);
    end.cancel();
    await sim.stop(end.signal.aborted ? HURRY_MS : PATIENCE_MS);
  }
}

function progressOf(sim: Sim): string {
  const { published, acked, failed, connected, connections, waiting } = sim.stats();
  const at = new Date(sim.nowMs()).toISOString().slice(0, 19);
  const gone = failed > 0 ? `, ${failed} failed` : '';
  return `${at}: ${published} published, ${acked} acknowledged, ${waiting} under way${gone}; ${connected} of ${connections} connections`;
}

async function fleetOf(flags: SimFlags, scenario: Scenario, encoders: Encoders): Promise<LoadFleet> {
  const wanted = flags.types ?? (scenario.types === 'all' ? 'all' : undefined);
  const book = await openTypeBook(encoders);
  const networks = flags.networks ?? scenario.networks;
  const types = wanted === 'all' ? book.ids().filter((id) => id !== 'plain') : wanted;
  const unknown = types?.find((id) => !book.ids().includes(id));
  if (unknown !== undefined) throw new Exit(EXIT.USAGE, `--types: no sensor type "${unknown}"`);
  const made = createLoadFleet(
    {
      seed: flags.seed,
      devices: flags.devices ?? scenario.devices,
      intervalMs: flags.interval ?? scenario.intervalMs,
      networks,
      types,
      sort: scenario.sort,
      lossy: scenario.lossy,
    },
    book,
  );
  if (made.ok) return made.value;
  throw new Exit(
    EXIT.USAGE,
    made.faults.map(({ field, message, remedy }) => `--${field}: ${message}; ${remedy}`).join('\n'),
  );
}

/** Tells each fault once: thousands of connections have the same one. */
function createTeller(): SimLog {
  const told = new Set<string>();
  return {
    info: () => undefined,
    warn(facts, event) {
      const { fault, err } = facts as { fault?: unknown; err?: unknown };
      const line = `${event}: ${err instanceof Error ? err.message : String(fault)}`;
      if (!told.has(line)) process.stderr.write(`${line}\n`);
      told.add(line);
    },
  };
}

/** Ends after a host time, or on Ctrl+C. */
export function untilEnd(afterMs?: number): { signal: AbortSignal; cancel(): void } {
  const end = new AbortController();
  const stop = (): void => end.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const timer = afterMs === undefined ? undefined : setTimeout(stop, afterMs);
  timer?.unref();
  return {
    signal: end.signal,
    cancel() {
      clearTimeout(timer);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    },
  };
}
