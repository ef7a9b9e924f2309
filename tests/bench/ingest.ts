import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMosquitto } from './_mosquitto.ts';
import { cpuS, load, round, script, secondsOf, start, type Child, type Load } from './_processes.ts';
import { runRated } from './_rated.ts';

/*
 * Messages a second that are durable before their acknowledgement. In one run and in turns: our broker with its inbox, the
 * pipeline paused; Mosquitto with a subscriber that writes to the same inbox with the same group commit and acknowledges
 * after it; Aedes as it comes, which stores nothing. Then the whole platform at the rated load, where every message ends as
 * readings. Loader and brokers are processes of their own on the same two cores.
 */
const SHAPE = { connections: 10, window: 20, payload: 'dl-mbx' } as const;
const ROUNDS = 3;
const SECONDS = secondsOf(3);
const RATED_SECONDS = secondsOf(60);

interface Usage {
  cpuS: number;
  peakMemoryMb: number;
  /** Longest pause of the event loop so far [ms]. */
  loopMaxMs: number;
  commits?: number;
  /** Messages taken in since the start. */
  head: number;
}
interface Measured extends Load {
  perCpuS: number;
  peakMemoryMb: number;
  loopMaxMs: number;
}

async function ask({ child, line }: Child): Promise<Usage> {
  child.stdin?.write('usage');
  return JSON.parse(await line()) as Usage;
}

/** Loads a broker that runs in one child. */
async function measure(file: string, args: string[]): Promise<Measured> {
  const broker = start(file, args);
  try {
    const { port } = JSON.parse(await broker.line()) as { port: number };
    const before = await ask(broker);
    const measured = await load({ ...SHAPE, port, seconds: SECONDS });
    const after = await ask(broker);
    return { ...measured, ...shareOf(after.head - before.head, after.cpuS - before.cpuS), ...memoryOf(after) };
  } finally {
    broker.child.kill('SIGKILL');
  }
}

async function measureDurable(): Promise<Measured> {
  return inFolder((dir) => measure(script('../faults/broker-process.ts'), [dir, String(SHAPE.connections)]));
}

/** Mosquitto acknowledges before anything is durable: what counts is what the subscriber has stored meanwhile. */
async function measureMosquitto(): Promise<(Measured & { storedPerS: number }) | undefined> {
  const mosquitto = await startMosquitto();
  if (!mosquitto) return undefined;
  return inFolder(async (dir) => {
    const sink = start(script('./_durable-subscriber.ts'), [String(mosquitto.port), dir]);
    try {
      await sink.line();
      const before = { ...(await ask(sink)), brokerCpuS: cpuS(mosquitto.pid), atMs: performance.now() };
      const measured = await load({ ...SHAPE, port: mosquitto.port, seconds: SECONDS });
      const after = { ...(await ask(sink)), brokerCpuS: cpuS(mosquitto.pid), atMs: performance.now() };
      const usedS = after.cpuS - before.cpuS + after.brokerCpuS - before.brokerCpuS;
      const stored = after.head - before.head;
      const storedPerS = Math.round((stored * 1_000) / (after.atMs - before.atMs));
      return { ...measured, storedPerS, ...shareOf(stored, usedS), ...memoryOf(after) };
    } finally {
      sink.child.kill('SIGKILL');
      mosquitto.stop();
    }
  });
}

const shareOf = (messages: number, usedS: number) => ({ perCpuS: Math.round(messages / usedS) });
const memoryOf = ({ peakMemoryMb, loopMaxMs }: Usage) => ({
  peakMemoryMb: Math.round(peakMemoryMb),
  loopMaxMs: round(loopMaxMs, 1),
});

async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-bench-ingest-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Measures ours beside both peers, then the whole platform at the rated load. */
export async function run(): Promise<object> {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      durable: await measureDurable(),
      mosquitto: await measureMosquitto(),
      bare: await measure(script('./_bare-aedes.ts'), []),
    });
  }
  const durablePerS = median(rounds.map(({ durable }) => durable.perS));
  const barePerS = median(rounds.map(({ bare }) => bare.perS));
  const peers = rounds.flatMap(({ mosquitto }) => (mosquitto ? [mosquitto] : []));
  if (peers.length === 0)
    process.stderr.write('skipped: Mosquitto is not installed, so the durable peer was not measured\n');
  const mosquittoPerS = peers.length > 0 ? median(peers.map(({ storedPerS }) => storedPerS)) : undefined;
  return {
    ...SHAPE,
    seconds: SECONDS,
    durablePerS,
    durablePerCpuS: median(rounds.map(({ durable }) => durable.perCpuS)),
    mosquittoStoredPerS: mosquittoPerS ?? 'skipped',
    ...(mosquittoPerS && { mosquittoPerCpuS: median(peers.map(({ perCpuS }) => perCpuS)) }),
    ...(mosquittoPerS && { timesMosquitto: round(durablePerS / mosquittoPerS) }),
    barePerS,
    barePerCpuS: median(rounds.map(({ bare }) => bare.perCpuS)),
    shareOfBare: round(durablePerS / barePerS),
    rounds,
    rated: await runRated({ ...SHAPE, seconds: RATED_SECONDS }),
  };
}
