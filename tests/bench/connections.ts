import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuS, load, round, rssMb, script, start } from './_processes.ts';

/*
 * Ten thousand idle devices: what one costs the broker in memory, and how long it takes until all are back after every
 * connection broke at once, while ten others send and wait for their acknowledgements.
 */
const DEVICES = 10_000;
const SETTLE_MS = 2_000;
const BESIDE = { connections: 10, window: 1, payload: 'dl-mbx', seconds: 10, firstDevice: DEVICES } as const;

/** Measures memory per idle connection and a reconnect storm of all of them. */
export async function run(): Promise<object> {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-bench-connections-'));
  const broker = start(script('../faults/broker-process.ts'), [dir, String(DEVICES + BESIDE.connections)]);
  const pid = broker.child.pid!;
  try {
    const { port } = JSON.parse(await broker.line()) as { port: number };
    // one full load before, so that what the first messages bring into memory is not counted as the devices'
    const quiet = await load({ ...BESIDE, port });
    await settle();
    const beforeMb = rssMb(pid);
    const fleet = start(script('./_idle-clients.ts'), [String(port), String(DEVICES)]);
    try {
      const login = JSON.parse(await fleet.line()) as { tookMs: number };
      await settle();
      const afterMb = rssMb(pid);
      const cpuBeforeS = cpuS(pid);
      fleet.child.stdin?.write('break');
      const [storm, beside] = await Promise.all([fleet.line(), load({ ...BESIDE, port })]);
      return {
        devices: DEVICES,
        kbPerDevice: round(((afterMb - beforeMb) * 1024) / DEVICES, 1),
        beforeMb: Math.round(beforeMb),
        afterMb: Math.round(afterMb),
        loginS: round(login.tookMs / 1_000, 1),
        storm: {
          tookS: round((JSON.parse(storm) as { tookMs: number }).tookMs / 1_000, 1),
          cpuS: round(cpuS(pid) - cpuBeforeS, 1),
        },
        ackP99Ms: { quiet: quiet.ackP99Ms, duringStorm: beside.ackP99Ms },
      };
    } finally {
      fleet.child.kill('SIGKILL');
    }
  } finally {
    broker.child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
