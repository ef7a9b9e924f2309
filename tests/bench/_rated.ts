import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caughtUp, type Fleet } from '../faults/load.ts';
import { startRonde, type RondeProcess } from '../faults/platform-process.ts';
import { load, round, type Load, type LoadPlan } from './_processes.ts';

const WATCH_EVERY_MS = 500;
/** A Decentlab DL-MBX without mounting gives its distance and its voltage. */
const READINGS_PER_MESSAGE = 2;
/** Most heartbeats of the platform itself in one run. */
const HEARTBEATS = 20;

/** What was seen of the platform while it was loaded. */
export interface Watched {
  peakMemoryMb: number;
  endMemoryMb: number;
  /** Longest pause of the main thread's event loop between two looks [ms]. */
  loopMaxMs: number;
  mostLagFrames: number;
}

/** Opens a platform with DL-MBX devices `bin-0` …, and closes it after the work. */
export async function withPlatform<T>(
  devices: number,
  work: (ronde: RondeProcess, fleet: Fleet, dataDir: string) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-bench-rated-'));
  const ronde = await startRonde({ dataDir });
  try {
    const fleet: Fleet = [];
    for (let index = 0; index < devices; index++) {
      const device = { id: `bin-${index}`, typeId: 'decentlab-dl-mbx' };
      fleet.push(await ronde.call<Fleet[number]>('POST', '/v1/devices', device));
    }
    return await work(ronde, fleet, dataDir);
  } finally {
    await ronde.kill();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Looks at memory, event loop and lag until told to stop. */
export function watch(ronde: RondeProcess): { stop(): Promise<Watched> } {
  const seen: Watched = { peakMemoryMb: 0, endMemoryMb: 0, loopMaxMs: 0, mostLagFrames: 0 };
  let going = true;
  const watching = (async () => {
    // the first look also begins the measuring anew: the platform's own start is no part of it
    await ronde.metric('nodejs_eventloop_lag_max_seconds');
    while (going) {
      await new Promise((resolve) => setTimeout(resolve, WATCH_EVERY_MS));
      seen.endMemoryMb = Math.round(ronde.rssMb());
      seen.peakMemoryMb = Math.max(seen.peakMemoryMb, seen.endMemoryMb);
      seen.loopMaxMs = Math.max(seen.loopMaxMs, 1_000 * (await ronde.metric('nodejs_eventloop_lag_max_seconds')));
      seen.mostLagFrames = Math.max(seen.mostLagFrames, await ronde.metric('ronde_ingest_lag_frames'));
    }
  })();
  return {
    async stop() {
      going = false;
      await watching;
      return { ...seen, loopMaxMs: round(seen.loopMaxMs, 1) };
    },
  };
}

/** Waits until all is read, and holds what the store took against what was acknowledged. */
export async function drain(ronde: RondeProcess): Promise<{ messages: number; readings: number; drainS: number }> {
  const startMs = performance.now();
  await caughtUp(ronde);
  const drainS = round((performance.now() - startMs) / 1_000);
  // a DL-MBX with one valid sample gives a suspect distance and a voltage; the platform's own heartbeat one reading
  const accepted = await ronde.metric('ronde_mqtt_publishes_total{outcome="accepted"}');
  const voltages = await ronde.metric('ronde_ingest_readings_total{quality="ok"}');
  const messages = await ronde.metric('ronde_ingest_readings_total{quality="suspect"}');
  if (voltages !== accepted || accepted - messages > HEARTBEATS)
    throw new Error(`${accepted} messages gave ${voltages} voltages and ${messages} distances`);
  return { messages, readings: messages * READINGS_PER_MESSAGE, drainS };
}

type Shape = Pick<LoadPlan, 'connections' | 'window' | 'payload' | 'seconds'>;

/** The rated load through the whole platform, until every acknowledged message is in the readings store. */
export async function runRated(shape: Shape): Promise<object> {
  return withPlatform(shape.connections, async (ronde, fleet) => {
    const cpuBeforeS = ronde.cpuS();
    const watching = watch(ronde);
    const startMs = performance.now();
    const secrets = fleet.map(({ secret }) => secret);
    const measured: Load = await load({ ...shape, port: ronde.mqttPort, secrets });
    const drained = await drain(ronde);
    const tookS = (performance.now() - startMs) / 1_000;
    const cpuS = ronde.cpuS() - cpuBeforeS;
    return {
      ...shape,
      ...measured,
      ...drained,
      endToEndPerS: Math.round(drained.messages / tookS),
      perCpuS: Math.round(drained.messages / cpuS),
      ...(await watching.stop()),
    };
  });
}
