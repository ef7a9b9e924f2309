import { connect, type Socket } from 'node:net';
import type { Load, LoadPlan } from './_processes.ts';

/*
 * Run as a process of its own: publishes QoS 1 with a fixed number in flight on each connection and measures the time
 * to PUBACK. Bytes are written by hand, so that the loader costs as little as possible next to the broker.
 * Argument: a LoadPlan as JSON. A line on standard input ends it early.
 */
const {
  port,
  seconds,
  connections,
  window,
  secrets,
  payload: kind,
  warmUpS = 1,
  firstDevice = 0,
  // eight digits in every message, so that a new number is written over the old one
  firstSeq = 10_000_000,
  perS,
} = JSON.parse(process.argv[2]!) as LoadPlan;
// 1,234 mm from one valid sample, 2,993 mV: the example of Decentlab's data sheet
const DL_MBX = Buffer.from('02012f000304d200010bb1', 'hex').toString('base64');
const PAYLOADS = {
  plain: { seq: firstSeq, fill: 0.42, temperature: 21.5 },
  'dl-mbx': { fPort: 1, data: DL_MBX, fCnt: firstSeq },
};
const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
const packet = (first: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Buffer.concat([Buffer.from([first, ...length]), body]);
};

const PACE_TICK_MS = 5;
let measuring = false;
let acknowledged = 0;
const latenciesMs: number[] = [];

async function openConnection(index: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const id = `bin-${firstDevice + index}`;
  socket.write(
    packet(0x10, text('MQTT'), Buffer.from([4, 0xc2, 0, 60]), text(id), text(id), text(secrets?.[index] ?? 'secret')),
  );
  const answer = await new Promise<Buffer>((resolve, reject) => socket.once('data', resolve).once('error', reject));
  if (answer[3] !== 0) throw new Error(`CONNACK ${answer[3]}`);
  return socket;
}

/** Loads a connection; a paced one sends only what its calls ask for. */
function load(socket: Socket, index: number): (most: number) => number {
  const sentMs = new Float64Array(window + 1);
  const payload = Buffer.from(JSON.stringify(PAYLOADS[kind]));
  const messages = Array.from({ length: window + 1 }, (_, id) =>
    packet(0x32, text(`v1/default/bin-${firstDevice + index}/up`), Buffer.from([0, id]), payload),
  );
  const seqAt = messages[0]!.indexOf(`${firstSeq}`);
  let seq = firstSeq;
  const send = (id: number): void => {
    sentMs[id] = performance.now();
    // its last copy has been acknowledged, so nobody reads these bytes any more
    messages[id]!.write(`${++seq}`, seqAt, 'latin1');
    socket.write(messages[id]!);
  };
  const idle: number[] = [];
  let rest = Buffer.alloc(0);
  socket.on('data', (data) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, data]) : data;
    const nowMs = performance.now();
    let at = 0;
    socket.cork();
    for (; at + 4 <= bytes.length; at += 4) {
      const id = bytes[at + 3]!;
      if (measuring) {
        acknowledged += 1;
        latenciesMs.push(nowMs - sentMs[id]!);
      }
      if (perS === undefined) send(id);
      else idle.push(id);
    }
    socket.uncork();
    rest = bytes.subarray(at);
  });
  socket.on('close', () => process.exit(1));
  for (let id = 1; id <= window; id++)
    if (perS === undefined) send(id);
    else idle.push(id);
  return (most) => {
    const ids = idle.splice(0, most);
    socket.cork();
    ids.forEach(send);
    socket.uncork();
    return ids.length;
  };
}

/** Sends what is due by the clock, connections in turn; what finds no room in a window is sent as soon as there is. */
function pace(sends: ((most: number) => number)[], rate: number): void {
  const startMs = performance.now();
  let sent = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) / 1_000) * rate) - sent;
    for (const [index, send] of sends.entries())
      sent += send(Math.floor(((index + 1) * due) / sends.length) - Math.floor((index * due) / sends.length));
  }, PACE_TICK_MS);
}

const sockets = await Promise.all(Array.from({ length: connections }, (_, index) => openConnection(index)));
const sends = sockets.map(load);
if (perS !== undefined) pace(sends, perS);
await new Promise((resolve) => setTimeout(resolve, warmUpS * 1_000));
measuring = true;
const startMs = performance.now();
await Promise.race([
  new Promise((resolve) => setTimeout(resolve, seconds * 1_000)),
  new Promise((resolve) => process.stdin.once('data', resolve)),
]);
const elapsedS = (performance.now() - startMs) / 1_000;
measuring = false;
latenciesMs.sort((a, b) => a - b);
const quantile = (share: number): number =>
  Math.round((latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? 0) * 10) / 10;
const measured: Load = {
  perS: Math.round(acknowledged / elapsedS),
  acknowledged,
  ackP50Ms: quantile(0.5),
  ackP99Ms: quantile(0.99),
  ackMaxMs: quantile(1),
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
process.exit(0);
