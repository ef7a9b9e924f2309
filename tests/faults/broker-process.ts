import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openBus } from '@ronde/bus';
import { BrokerConfig, createBroker } from '@ronde/broker';
import { openInbox } from '@ronde/inbox';
import { createClock, createHealth, openMetrics, silentLog } from '@ronde/kit';
import { hashSecret, openRegistry } from '@ronde/registry';

/*
 * Run as a process of its own by the fault tests and the benchmark: broker and inbox on a free port, which it prints.
 * Arguments: data directory, number of devices (`bin-0` …, secret `secret`).
 * Asked for "usage" on standard input it prints its CPU seconds, peak memory and longest pause of the event loop, "end" stops it in an orderly way.
 */
const [dir = '', devices = '5'] = process.argv.slice(2);
const log = silentLog();
const inbox = await openInbox({ dir });
const registry = await openRegistry('sqlite::memory:', { dataDir: dir, log });
for (let index = 0; index < Number(devices); index++) {
  const device = {
    id: `bin-${index}`,
    typeId: 'plain',
    createdAt: '2026-01-05T06:00:00Z',
    secretHash: hashSecret('secret'),
  };
  await registry.devices.put('default', device);
}
const bus = await openBus('memory:', log);
const broker = createBroker(BrokerConfig.parse({ MQTT_PORT: 0 }), {
  inbox,
  registry,
  bus,
  clock: createClock(),
  log,
  metrics: openMetrics(),
  health: createHealth(),
});
await broker.start();
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
say({ port: broker.ports().mqtt });

process.stdin.setEncoding('utf8').on('data', (words: string) => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const { commits, head } = inbox.stats();
  if (words.includes('usage'))
    say({
      cpuS: (userCPUTime + systemCPUTime) / 1e6,
      peakMemoryMb: maxRSS / 1024,
      commits,
      head,
      loopMaxMs: delay.max / 1e6,
    });
  if (words.includes('end')) void end();
});
async function end(): Promise<void> {
  await broker.stop();
  await inbox.close();
  await registry.close();
  await bus.close();
  process.stdin.destroy();
}
