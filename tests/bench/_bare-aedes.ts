import { createServer, type AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Aedes } from 'aedes';

/* Run as a process of its own: Aedes as it comes, nothing stored, everybody allowed. The peer of the ingest benchmark. */
const aedes = await Aedes.createBroker();
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let head = 0;
aedes.on('publish', (_packet, client) => void (head += client ? 1 : 0));
const server = createServer({ noDelay: true }, (socket) => void aedes.handle(socket));
const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));
process.stdin.setEncoding('utf8').on('data', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  say({ cpuS: (userCPUTime + systemCPUTime) / 1e6, peakMemoryMb: maxRSS / 1024, head, loopMaxMs: delay.max / 1e6 });
});
