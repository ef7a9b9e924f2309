import { WebSocket } from 'ws';

/*
 * Run as a process of its own: opens dashboards' WebSockets and measures the time from the moment in the first tuple of
 * each delta to its arrival. Arguments: URL, number of clients, token ("" = a bare server that needs none).
 * Each line on standard input asks for the latencies so far, as JSON on standard output.
 */
const [url = '', count = '1', token = ''] = process.argv.slice(2);
let latenciesMs: number[] = [];

// the first tuple's third field, without parsing the frame: the loader must stay cheap beside the server
const AT = /"u":\[\["[^"]*",[^,]*,(\d+)/;

async function open(): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('open', () => {
      if (token === '') return resolve();
      socket.send(JSON.stringify({ type: 'auth', token }));
      socket.send(JSON.stringify({ type: 'sub', topic: 'assets' }));
    });
    socket.on('message', (data: Buffer) => {
      const head = data.subarray(0, 200).toString('latin1');
      if (head.startsWith('{"type":"snap"')) return resolve();
      const at = head.startsWith('{"type":"delta"') ? AT.exec(head)?.[1] : undefined;
      if (at) latenciesMs.push(Date.now() - Number(at));
    });
  });
}

const sorted = (): number[] => latenciesMs.toSorted((a, b) => a - b);
for (let i = 0; i < Number(count); i += 1) await open();
process.stdout.write('ready\n');
process.stdin.on('data', () => {
  const list = sorted();
  const at = (share: number): number | null => list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? null;
  process.stdout.write(`${JSON.stringify({ frames: list.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) })}\n`);
  latenciesMs = [];
});
