import { connect, type Socket } from 'node:net';

/*
 * Run as a process of its own: holds as many logged-in devices as it is told and says when all are there. A device whose
 * connection breaks comes back like a real one, after a random pause that doubles. Each source address has ports for some
 * 28,000 connections, and the broker bounds half-open ones per address: so addresses of the loopback net take turns.
 * Arguments: port, count, and the devices' secrets with commas between them, `secret` unless given. For a line "break" all connections are cut at once.
 */
const [port = 0, count = 0] = process.argv.slice(2, 4).map(Number);
const secrets = process.argv[4]?.split(',');
const ADDRESSES = 50;
const FIRST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 5_000;
const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
const sockets = new Map<number, Socket>();
let ready = 0;
let sinceMs = performance.now();

function login(index: number, pauseMs = FIRST_PAUSE_MS): void {
  const id = `bin-${index}`;
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, 0xc2, 4, 0xb0]),
    text(id),
    text(id),
    text(secrets?.[index] ?? 'secret'),
  ]);
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (index % ADDRESSES)}` });
  let isIn = false;
  socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
  socket.on('error', () => undefined);
  socket.once('data', (answer) => {
    isIn = answer[3] === 0;
    if (!isIn) return void socket.destroy();
    ready += 1;
    if (ready === count) process.stdout.write(`${JSON.stringify({ ready, tookMs: performance.now() - sinceMs })}\n`);
  });
  socket.once('close', () => {
    if (isIn) ready -= 1;
    const next = isIn ? FIRST_PAUSE_MS : Math.min(MOST_PAUSE_MS, pauseMs * 2);
    setTimeout(() => login(index, next), next * Math.random());
  });
  sockets.set(index, socket);
}

process.stdin.setEncoding('utf8').on('data', () => {
  sinceMs = performance.now();
  for (const socket of sockets.values()) socket.destroy();
});
for (let index = 0; index < count; index++) login(index);
