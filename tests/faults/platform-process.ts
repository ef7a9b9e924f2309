import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs the command line as people run it. */
const MAIN = fileURLToPath(new URL('../../services/cli/src/main.ts', import.meta.url));
// as bin/ronde.mjs starts it
export const NODE_FLAGS = JSON.parse(
  readFileSync(new URL('../../tools/node-flags.json', import.meta.url), 'utf8'),
) as string[];
export const ADMIN_TOKEN = 'admin-token-of-the-tests';
const CLOCK_TICKS_PER_S = 100;
const PAGE_MB = 4096 / 1024 ** 2;

/** How a process ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A whole Ronde as a process of its own, without the demo. */
export interface RondeProcess {
  url: string;
  mqttPort: number;
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Calls the API with the admin token; a status of 400 or more throws. */
  call<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T>;
  /** Resident memory [MB]. */
  rssMb(): number;
  /** Processor time so far [s]. */
  cpuS(): number;
  /** Sum of one metric over its labels. */
  metric(name: string): Promise<number>;
  kill(): Promise<Ended>;
  stop(): Promise<Ended>;
}

/** Runs a command to its end. */
export function runRonde(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return watch(spawnRonde(args, env));
}

/** Starts a platform on free ports and waits until it answers; rejects with what it said when it ends before. */
export async function startRonde(options: {
  dataDir: string;
  env?: Record<string, string>;
  /** All unless given. */
  roles?: readonly string[];
  /** What to run it in, such as `ip netns exec …`. */
  prefix?: readonly string[];
  /** Gets the process before it answers. */
  onSpawn?: (child: ChildProcess) => void;
}): Promise<RondeProcess> {
  const { dataDir, env, roles = [], prefix } = options;
  const child = spawnRonde(['start', ...roles], { DATA_DIR: dataDir, ...env }, prefix);
  options.onSpawn?.(child);
  const ended = watch(child);
  const { url, mqttPort } = await new Promise<{ url: string; mqttPort: number }>((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (data: string) => {
      text += data;
      const found = /Ronde is running: (\S+)[\s\S]*Stop with/.exec(text);
      if (found) resolve({ url: found[1]!, mqttPort: Number(/MQTT\s+port (\d+)/.exec(text)?.[1] ?? 0) });
    });
    void ended.then(({ code, stderr }) => reject(new Error(`Ronde ended with ${code}: ${stderr}`)));
  });
  const procFile = (name: string): string => readFileSync(`/proc/${child.pid}/${name}`, 'utf8');
  return {
    url,
    mqttPort,
    child,
    ended,
    call: (method, path, body) => call(url, { method, path, body }),
    rssMb: () => Number(procFile('statm').split(' ')[1]) * PAGE_MB,
    cpuS() {
      // fields 14 and 15 of proc_pid_stat(5), counted after the name, which may hold blanks
      const fields = procFile('stat').split(') ')[1]!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_S;
    },
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
    kill() {
      child.kill('SIGKILL');
      return ended;
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

function spawnRonde(args: string[], env: Record<string, string>, prefix: readonly string[] = []): ChildProcess {
  const base = {
    PATH: process.env['PATH'] ?? '',
    DEMO: 'off',
    HTTP_PORT: '0',
    MQTT_PORT: '0',
    LOG_LEVEL: 'warn',
    ADMIN_TOKEN,
  };
  const [command, ...rest] = [...prefix, process.execPath, ...NODE_FLAGS, MAIN, ...args];
  const child = spawn(command!, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...base, ...env },
  });
  child.stdout!.setEncoding('utf8');
  child.stderr!.setEncoding('utf8');
  return child;
}

function watch(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (data: string) => (stdout += data));
  child.stderr!.on('data', (data: string) => (stderr += data));
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })));
}

async function call<T>(
  url: string,
  { method, path, body }: { method: string; path: string; body: object | undefined },
): Promise<T> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}
