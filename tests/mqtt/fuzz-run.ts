import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { fuzz } from './fuzz.ts';

export interface FuzzOutcome {
  sessions: number;
  seeds: number[];
  /** How the broker's process ended by itself; null when it went on, as it should. */
  ended: string | null;
  /** What it said of errors that nobody caught. */
  faults: string[];
  /** A login after all that was answered with CONNACK 0. */
  answers: boolean;
}

/** CONNECT of `bin-0` with its secret. */
const LOGIN = Buffer.concat([
  Buffer.from([0x10, 32, 0, 4, ...Buffer.from('MQTT'), 4, 0xc2, 0, 60]),
  ...['bin-0', 'bin-0', 'secret'].map((text) => Buffer.from([0, text.length, ...Buffer.from(text)])),
]);
LOGIN[1] = LOGIN.length - 2;
/** The same with MQTT 5: its level, and a receive maximum and a user property before the client id. */
const LOGIN_5 = Buffer.concat([
  LOGIN.subarray(0, 12),
  Buffer.from([10, 0x21, 0, 9, 0x26, 0, 1, 0x61, 0, 1, 0x62]),
  LOGIN.subarray(12),
]);
LOGIN_5[1] = LOGIN_5.length - 2;
LOGIN_5[8] = 5;

/** Fuzzes the product's broker, with inbox and registry, in a process of its own: an error nobody caught would end it. */
export async function runFuzz(sessions: number, seeds: number[]): Promise<FuzzOutcome> {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-fuzz-'));
  const file = fileURLToPath(new URL('../faults/broker-process.ts', import.meta.url));
  const child = spawn(process.execPath, [file, dir, '2'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let ended: string | null = null;
  const faults: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => faults.push(text));
  child.once('exit', (code, signal) => (ended = `exit ${code ?? signal}`));
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { port } = JSON.parse(line) as { port: number };
    for (const seed of seeds) await fuzz({ port, sessions, seed, logins: [LOGIN, LOGIN_5] });
    return { sessions: sessions * seeds.length, seeds, ended, faults, answers: await answers(port) };
  } finally {
    child.removeAllListeners('exit').kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

async function answers(port: number): Promise<boolean> {
  // the fuzzed device may be banned for taking itself over
  const login = Buffer.from(LOGIN.toString('latin1').replaceAll('bin-0', 'bin-1'), 'latin1');
  const socket = connect(port, '127.0.0.1');
  socket.write(login);
  const answer = await new Promise<Buffer>((resolve) => {
    socket.once('data', resolve).once('error', () => resolve(Buffer.alloc(0)));
    socket.once('close', () => resolve(Buffer.alloc(0)));
  });
  socket.destroy();
  return answer[0] === 0x20 && answer[3] === 0;
}
