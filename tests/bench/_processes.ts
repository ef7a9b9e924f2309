import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../faults/platform-process.ts';

/** What the loader measured. */
export interface Load {
  perS: number;
  acknowledged: number;
  ackP50Ms: number;
  ackP99Ms: number;
  ackMaxMs: number;
}
/** What the loader is to do. */
export interface LoadPlan {
  port: number;
  seconds: number;
  connections: number;
  window: number;
  /** `dl-mbx`: the 11 bytes of a Decentlab DL-MBX in a native frame; `plain`: a fill and a temperature by name. */
  payload: 'dl-mbx' | 'plain';
  /** Number of the first device, `bin-0` unless given. */
  firstDevice?: number;
  /** Secrets of the devices; `secret` unless given. */
  secrets?: string[];
  /** Counter of the first message, eight digits; a device that is loaded again needs one that it has not used. */
  firstSeq?: number;
  /** Seconds before the measuring begins; 1 unless given. */
  warmUpS?: number;
  /** Messages a second over all connections; as many as the windows allow unless given. */
  perS?: number;
}
export interface Child {
  child: ChildProcess;
  /** The next line of its output. */
  line(): Promise<string>;
}
const CLOCK_TICKS_PER_S = 100;
const PAGE_MB = 4096 / 1024 ** 2;

export function script(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Starts a child that answers in lines. */
export function start(file: string, args: string[]): Child {
  const child = spawn(process.execPath, [...NODE_FLAGS, file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async line() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${file} ended early`);
      return value as string;
    },
  };
}

/** Runs the loader, a process of its own, to its end. */
export function load(plan: LoadPlan): Promise<Load> {
  return startLoad(plan).over;
}

/** Starts the loader, which may be ended before its time. */
export function startLoad(plan: LoadPlan): { end(): void; over: Promise<Load> } {
  const loader = start(script('./_mqtt-load.ts'), [JSON.stringify(plan)]);
  return {
    end: () => void loader.child.stdin?.write('end\n'),
    over: loader.line().then((line) => JSON.parse(line) as Load),
  };
}

/** Processor time of a process so far [s]. */
export function cpuS(pid: number): number {
  // fields 14 and 15 of proc_pid_stat(5), counted after the name, which may hold blanks
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_S;
}

/** Resident memory of a process [MB]. */
export function rssMb(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_MB;
}

export function round(value: number, digits = 2): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** The time a part of a benchmark takes: what the issue asks for unless BENCH_SECONDS says less. */
export function secondsOf(asked: number): number {
  return Number(process.env['BENCH_SECONDS'] ?? asked);
}
