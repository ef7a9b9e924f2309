import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openOpenBroker } from '@ronde/broker';
import { openMetrics, silentLog } from '@ronde/kit';
import { runFuzz } from './fuzz-run.ts';
import { readSequences, runSequences } from './sequences.ts';

/*
 * `npm run -s check:mqtt -- DIR [--port N]`: runs the packet sequences of Mosquitto's sources in DIR against our engine behind
 * its guards, or against the broker on port N, and prints {total, passed, failed:[{name, why}]}.
 * `--paho DIR` runs the interoperability suite of MQTT 3.1.1 of eclipse/paho.mqtt.testing (client_test.py) in DIR, with Python 3.
 * `--fuzz N [--seeds 1,2,3]` plays N sessions of damaged packets for each seed against the product's broker.
 * `--serve N` only opens that broker on port N, for other suites.
 */
const PAHO = `import getopt, runpy, sys
port, script = sys.argv[1:3]
sys.argv = [script]
# unittest.main() of the script reads the same arguments and knows no port
getopt.gnu_getopt = lambda *_: ([('-p', port)], [])
runpy.run_path(script, run_name='__main__')`;
const args = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
};
const serve = option('--serve');
const mqtt5 = args.includes('--mqtt5');
const paho = option('--paho');
const fuzzed = option('--fuzz');
const seeds = (option('--seeds') ?? '1,2,3').split(',').map(Number);
const port = option('--port');
const source = args.find((one) => !one.startsWith('-')) ?? process.env['MOSQUITTO_SOURCES'];
const open = (onPort: number) =>
  openOpenBroker({ port: onPort, log: silentLog(), metrics: openMetrics(), refusedFilter: 'test/nosubscribe' });

if (serve !== undefined) {
  const broker = await open(Number(serve));
  process.stderr.write(`open broker for conformance suites on port ${broker.port}; end it with Ctrl-C\n`);
} else if (fuzzed !== undefined) {
  const outcome = await runFuzz(Number(fuzzed), seeds);
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  process.exit(outcome.ended === null && outcome.faults.length === 0 && outcome.answers ? 0 : 1);
} else if (paho !== undefined) {
  const broker = await open(0);
  process.exit(await runPaho(paho, broker.port));
} else {
  const folder = [source, join(source ?? '', 'test/broker/data')].findLast(
    (one) => one !== undefined && existsSync(one),
  );
  if (folder === undefined) {
    process.stderr.write('usage: npm run -s check:mqtt -- DIR, the sources of Mosquitto; or --serve PORT\n');
    process.exit(2);
  }
  const broker = port === undefined ? await open(0) : undefined;
  const outcome = await runSequences(broker?.port ?? Number(port), readSequences(folder, mqtt5));
  process.stdout.write(`${JSON.stringify(outcome, null, 2)}\n`);
  await broker?.close();
  process.exit(0);
}

/** Runs the suite in its own folder and gives its exit code; its report goes to standard error, the count to output. */
async function runPaho(folder: string, onPort: number): Promise<number> {
  const cwd = [folder, join(folder, 'interoperability')].findLast((one) => existsSync(join(one, 'client_test.py')));
  if (cwd === undefined) {
    process.stderr.write(`${folder} holds no client_test.py\n`);
    return 2;
  }
  const child = spawn('python3', ['-c', PAHO, String(onPort), 'client_test.py'], { cwd, stdio: ['ignore', 2, 'pipe'] });
  let report = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (report += text));
  const [code] = (await once(child, 'close')) as [number];
  process.stderr.write(report);
  const total = Number(/Ran (\d+) tests/.exec(report)?.[1] ?? 0);
  const faults = [...report.matchAll(/(?:failures|errors)=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  process.stdout.write(`${JSON.stringify({ total, passed: total - faults })}\n`);
  return code;
}
