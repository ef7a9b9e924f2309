import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/usr/bin/mosquitto'].find((path) =>
  existsSync(path),
);

/** A Mosquitto of its own on a free port. */
export interface Mosquitto {
  port: number;
  pid: number;
  stop(): void;
}

/** Starts Mosquitto where it is installed. Its queue is longer than any run, so that it drops nothing
 * of what it has acknowledged; without any bound it would not keep to the window of 1,000 either. */
export async function startMosquitto(): Promise<Mosquitto | undefined> {
  if (PROGRAM === undefined) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'ronde-mosquitto-'));
  const port = await freePort();
  const lines = [
    'allow_anonymous true',
    'max_queued_messages 10000000',
    'max_inflight_messages 1000',
    'set_tcp_nodelay true',
  ];
  writeFileSync(join(dir, 'mosquitto.conf'), [`listener ${port} 127.0.0.1`, ...lines, ''].join('\n'));
  const child = spawn(PROGRAM, ['-c', join(dir, 'mosquitto.conf')], { stdio: 'ignore' });
  await answers(port);
  return {
    port,
    pid: child.pid!,
    stop() {
      child.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    );
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('Mosquitto does not answer');
}
