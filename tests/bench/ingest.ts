import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/*
 * Messages a second that are durable before their acknowledgement: our broker with its inbox beside Aedes as it comes,
 * which stores nothing. Loader and brokers are processes of their own; the two take turns on the same machine.
 */
const CONNECTIONS = 10;
const IN_FLIGHT = 20;
const ROUNDS = 2;
const SECONDS = 2;
const OURS = script('../faults/broker-process.ts');
const BARE = script('./_bare-aedes.ts');
const LOADER = script('./_mqtt-load.ts');

interface Load {
  perS: number;
  acknowledged: number;
  ackP50Ms: number;
  ackP99Ms: number;
}
interface Usage {
  cpuS: number;
  peakMemoryMb: number;
  commits?: number;
  /** Messages taken in since the start. */
  head: number;
}

function script(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** A child that answers a line of JSON for each word it is sent. */
function start(file: string, args: string[]): { child: ChildProcess; line(): Promise<string> } {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${file} ended early`);
    return value as string;
  };
  return { child, line };
}

type Measured = Load & Usage & { cpuUsPerMessage: number };

async function measure(file: string, args: string[]): Promise<Measured> {
  const broker = start(file, args);
  try {
    const { port } = JSON.parse(await broker.line()) as { port: number };
    const usage = async (): Promise<Usage> => {
      broker.child.stdin?.write('usage');
      return JSON.parse(await broker.line()) as Usage;
    };
    const before = await usage();
    const loader = start(LOADER, [port, SECONDS, CONNECTIONS, IN_FLIGHT].map(String));
    const load = JSON.parse(await loader.line()) as Load;
    const after = await usage();
    const cpuS = after.cpuS - before.cpuS;
    // all that the broker saw, the loader's warm-up included
    return { ...load, ...after, cpuS, cpuUsPerMessage: Math.round((cpuS * 1e6) / after.head) };
  } finally {
    broker.child.kill('SIGKILL');
  }
}

/**
 * Measures acknowledged messages a second, time to acknowledgement and CPU of the broker's process.
 * The share that reaches the readings store is measured on top of this by the pipeline's own part of the benchmark.
 */
export async function run(): Promise<object> {
  const rounds: Record<'bare' | 'durable', Measured>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await measure(BARE, []);
    const dir = mkdtempSync(join(tmpdir(), 'ronde-bench-ingest-'));
    try {
      rounds.push({ bare, durable: await measure(OURS, [dir, String(CONNECTIONS)]) });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  const mean = (pick: (round: Record<'bare' | 'durable', Measured>) => number): number => Math.round(rounds.reduce((sum, round) => sum + pick(round), 0) / ROUNDS);
  const durablePerS = mean(({ durable }) => durable.perS);
  const barePerS = mean(({ bare }) => bare.perS);
  return {
    connections: CONNECTIONS,
    inFlight: IN_FLIGHT,
    durablePerS,
    barePerS,
    ratio: Math.round((durablePerS / barePerS) * 100) / 100,
    rounds,
  };
}
