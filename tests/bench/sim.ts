import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/*
 * 100,000 simulated devices of every type: how many measurements a second are made and written down (no broker), and how
 * many messages a second are published with QoS 1 and acknowledged by bare Aedes, which stores nothing. Simulator and broker
 * are processes of their own. A city of 100,000 devices that report every quarter of an hour makes 111 a second.
 */
const DEVICES = 100_000;
const MAIN = fileURLToPath(new URL('../../services/cli/src/main.ts', import.meta.url));
const BARE = fileURLToPath(new URL('./_bare-aedes.ts', import.meta.url));
const FLEET = ['sim', '--devices', String(DEVICES), '--types', 'all', '--faults', 'city', '--speed', 'max', '--json'];
const SHARED_MQTT = 'things-stack,chirpstack,chirpstack-protobuf,senml,sparkplug';

interface Summary {
  published: number;
  acked: number;
  reports: number;
  seconds: number;
  memoryMb: number;
  connections: number;
  /** Processor time of the whole process, the making of the fleet included. */
  cpuS: number;
}
interface Measured extends Summary {
  reportsPerS: number;
  messagesPerS: number;
}

async function sim(...args: string[]): Promise<Measured> {
  const child = spawn(process.execPath, [MAIN, ...FLEET, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  await once(child, 'close');
  const summary = JSON.parse(stdout) as Summary;
  return {
    ...summary,
    reportsPerS: Math.round(summary.reports / summary.seconds),
    messagesPerS: Math.round(summary.acked / summary.seconds),
  };
}

async function startBare(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [BARE], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  return { child, url: `mqtt://127.0.0.1:${(JSON.parse(value as string) as { port: number }).port}` };
}

/** Measures 100,000 devices without a broker, and against one. */
export async function run(): Promise<object> {
  const written = await sim('--networks', 'all', '--duration', '15m', '--out', '/dev/null');
  const bare = await startBare();
  try {
    const args = ['--networks', SHARED_MQTT, '--no-provision', '--mqtt', bare.url, '--duration', '5m'];
    return { devices: DEVICES, written, published: await sim(...args) };
  } finally {
    bare.child.kill('SIGKILL');
  }
}
