import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { addFleet, caughtUp } from '../faults/load.ts';
import { startRonde } from '../faults/platform-process.ts';

/*
 * Messages a second that are durable before their acknowledgement: our broker with its inbox beside Aedes as it comes,
 * which stores nothing, and the whole platform, where every message ends as readings. Loader and brokers are processes
 * of their own; they take turns on the same machine.
 */
const CONNECTIONS = 10;
const IN_FLIGHT = 20;
const ROUNDS = 2;
const SECONDS = 2;
const PIPELINE_SECONDS = 4;
/** The loader's messages hold a fill and a temperature. */
const READINGS_PER_MESSAGE = 2;
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
 * Loads the whole platform and waits until every acknowledged message is in the readings store.
 * `endToEndPerS` counts from the first message to the last reading, which is what the platform can go on with.
 */
async function measurePipeline(): Promise<object> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-bench-pipeline-'));
  const ronde = await startRonde({ dataDir });
  try {
    const fleet = await addFleet(ronde, CONNECTIONS);
    const cpuBeforeS = ronde.cpuS();
    const loader = start(LOADER, [
      ...[ronde.mqttPort, PIPELINE_SECONDS, CONNECTIONS, IN_FLIGHT].map(String),
      fleet.map(({ secret }) => secret).join(','),
    ]);
    const startMs = performance.now();
    const load = JSON.parse(await loader.line()) as Load;
    const loadedMs = performance.now();
    await caughtUp(ronde);
    const drainedMs = performance.now();
    const cpuS = ronde.cpuS() - cpuBeforeS;
    const messages = await ronde.metric('ronde_inbox_head_seq');
    const readings = await ronde.metric('ronde_ingest_readings_total');
    if (readings !== messages * READINGS_PER_MESSAGE) throw new Error(`${messages} messages gave ${readings} readings`);
    return {
      ...load,
      messages,
      readings,
      loadS: round((loadedMs - startMs) / 1000),
      drainS: round((drainedMs - loadedMs) / 1000),
      endToEndPerS: Math.round((messages * 1000) / (drainedMs - startMs)),
      cpuS: round(cpuS),
      cpuUsPerMessage: Math.round((cpuS * 1e6) / messages),
      memoryMb: Math.round(ronde.rssMb()),
    };
  } finally {
    await ronde.kill();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Measures acknowledged messages a second, time to acknowledgement and CPU: bare, durable, and through the whole platform. */
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
  const mean = (pick: (round: Record<'bare' | 'durable', Measured>) => number): number =>
    Math.round(rounds.reduce((sum, round) => sum + pick(round), 0) / ROUNDS);
  const durablePerS = mean(({ durable }) => durable.perS);
  const barePerS = mean(({ bare }) => bare.perS);
  return {
    connections: CONNECTIONS,
    inFlight: IN_FLIGHT,
    durablePerS,
    barePerS,
    ratio: Math.round((durablePerS / barePerS) * 100) / 100,
    rounds,
    pipeline: await measurePipeline(),
  };
}
