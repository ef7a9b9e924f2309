import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInbox } from '@ronde/inbox';
import { addFleet } from '../faults/load.ts';
import { startRonde, type RondeProcess } from '../faults/platform-process.ts';
import { load, round, script, start, type Load } from './_processes.ts';

/*
 * After a day of standstill: 264,000 frames wait in the inbox, as many as 11,000 sensors send that report every hour, and a
 * thousand devices lose their connections at once. What the live path then takes to acknowledge, beside the same without either.
 */
const FRAMES = 264_000;
const DEVICES = 1_000;
const LIVE = { connections: 10, window: 1, payload: 'plain', seconds: 10 } as const;
const DAY_MS = 86_400_000;
const DRAIN_LIMIT_MS = 600_000;

/** Measures how a day's backlog and a reconnect storm drain, and what the live path notes of it. */
export async function run(): Promise<object> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-bench-backlog-'));
  let ronde = await startRonde({ dataDir });
  try {
    const secrets = (await addFleet(ronde, DEVICES + LIVE.connections)).map(({ secret }) => secret);
    const live = (firstSeq: number): Promise<Load> =>
      load({ ...LIVE, firstSeq, port: ronde.mqttPort, firstDevice: DEVICES, secrets: secrets.slice(DEVICES) });
    const quiet = await live(10_000_000);
    await ronde.stop();
    await fill(join(dataDir, 'inbox'));
    ronde = await startRonde({ dataDir });
    const startMs = performance.now();
    const fleet = start(script('./_idle-clients.ts'), [ronde.mqttPort, DEVICES, secrets.join(',')].map(String));
    await fleet.line();
    fleet.child.stdin?.write('break');
    const lagBefore = await ronde.metric('ronde_ingest_lag_frames');
    const [storm, during] = await Promise.all([fleet.line(), live(20_000_000)]);
    const lagAfter = await ronde.metric('ronde_ingest_lag_frames');
    fleet.child.kill('SIGKILL');
    await drained(ronde);
    const drainS = (performance.now() - startMs) / 1_000;
    return {
      frames: FRAMES,
      devices: DEVICES,
      stormS: round((JSON.parse(storm) as { tookMs: number }).tookMs / 1_000, 1),
      lag: { whenLiveBegan: lagBefore, whenLiveEnded: lagAfter },
      live: { quiet, during },
      drainS: round(drainS, 1),
      drainPerS: Math.round(FRAMES / drainS),
      memoryMb: Math.round(ronde.rssMb()),
    };
  } finally {
    await ronde.kill();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Puts a day of plain uplinks into the inbox of a platform that does not run. */
async function fill(dir: string): Promise<void> {
  const inbox = await openInbox({ dir });
  const fromMs = Date.now() - DAY_MS;
  let last: Promise<number> = Promise.resolve(0);
  for (let index = 0; index < FRAMES; index++) {
    const id = `bin-${index % DEVICES}`;
    const atMs = fromMs + Math.floor((index * DAY_MS) / FRAMES);
    last = inbox.append({
      tenant: 'default',
      source: 'native',
      topic: `v1/default/${id}/up`,
      receivedAtMs: atMs,
      origin: { kind: 'device', id },
      payload: Buffer.from(JSON.stringify({ at: new Date(atMs).toISOString(), fill: 0.42 })),
      packetId: 1,
    });
    if (index % 1_000 === 999) await last;
  }
  await last;
  await inbox.close();
}

async function drained(ronde: RondeProcess): Promise<void> {
  const endMs = performance.now() + DRAIN_LIMIT_MS;
  while ((await ronde.metric('ronde_ingest_lag_frames')) > 0) {
    if (performance.now() > endMs) throw new Error('the backlog did not drain within ten minutes');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
