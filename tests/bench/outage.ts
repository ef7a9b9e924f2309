import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { round, secondsOf, startLoad } from './_processes.ts';
import { drain, watch, withPlatform } from './_rated.ts';

/*
 * The readings store takes nothing for ten minutes while the load goes on: another process holds its file, so every write
 * is refused. Then it is let go, the load still going on: how fast the backlog drains, as a multiple of the input, and
 * whether all that was acknowledged is stored. BENCH_RATE is the input in messages a second, BENCH_SECONDS the outage.
 */
const RATE = Number(process.env['BENCH_RATE'] ?? 10_000);
const OUTAGE_S = secondsOf(600);
const LOAD = { connections: 10, window: 20, payload: 'dl-mbx', perS: RATE } as const;
const LOOK_EVERY_MS = 200;
/** As good as none: what one batch holds. */
const NO_LAG = 5_000;
const MOST_DRAIN_S = 3_600;

export async function run(): Promise<object> {
  return withPlatform(LOAD.connections, async (ronde, fleet, dataDir) => {
    const secrets = fleet.map(({ secret }) => secret);
    const watching = watch(ronde);
    const loading = startLoad({ ...LOAD, port: ronde.mqttPort, secrets, seconds: OUTAGE_S + MOST_DRAIN_S });
    const lag = (): Promise<number> => ronde.metric('ronde_ingest_lag_frames');
    await sleep(3_000);
    const other = new DatabaseSync(join(dataDir, 'readings.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    await sleep(OUTAGE_S * 1_000);
    const readyInOutage = (await fetch(`${ronde.url}/health/ready`)).status;
    const lagAtEnd = await lag();
    other.exec('ROLLBACK');
    other.close();
    const startMs = performance.now();
    while ((await lag()) > NO_LAG && performance.now() - startMs < MOST_DRAIN_S * 1_000) await sleep(LOOK_EVERY_MS);
    const drainS = (performance.now() - startMs) / 1_000;
    loading.end();
    const measured = await loading.over;
    const watched = await watching.stop();
    // all that was acknowledged before and meanwhile, against what is stored
    const { messages } = await drain(ronde);
    const storedPerS = lagAtEnd / drainS + measured.perS;
    return {
      outageS: OUTAGE_S,
      inputPerS: RATE,
      readyInOutage,
      load: measured,
      lagAtEnd,
      drainWithInputS: round(drainS, 1),
      storedPerS: Math.round(storedPerS),
      timesInput: round(storedPerS / measured.perS),
      messages,
      ...watched,
    };
  });
}
