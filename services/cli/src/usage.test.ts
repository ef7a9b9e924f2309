import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

test.each([
  [['decode', '--type', 'nobody-knows', '--fport', '85', '--hex', '01', '--json'], 'no sensor type "nobody-knows"'],
  [['decode', '--codec', MAIN, '--fport', '1', '--hex', '0'], '--hex must be pairs'],
  [['decode', '--codec', MAIN, '--fport', '1', '--hex', '00', '--recv-time', 'noon'], '--recv-time must be'],
  [['codec', 'check', MAIN, '--codecs', '/nobody/knows'], '--codecs must be a folder'],
  [['start', 'nobody-knows'], 'no role nobody-knows'],
  [['import', 'devices'], 'name the file to import'],
  [['import', 'devices', '/no/such/file.csv', '--token', 't'], 'cannot read /no/such/file.csv'],
  [['import', 'cows', 'x.csv'], "'cows' is invalid for argument 'kind'"],
  [['export', 'readings', '--format', 'parquet', '--token', 't'], 'parquet is not in this version'],
  [['replay', '--version', '1.1.0'], 'say what to replay: --type, --device'],
  [['bridge', 'check', 'http://broker'], 'the address must be mqtt://host or mqtts://host'],
  [['nobody-knows'], "unknown command 'nobody-knows'"],
])('bad usage "%s" is told in one line and ends with 2', (args, said) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(said);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('a reader that goes away, as `| head` does, is no fault', async () => {
  const child = spawn(process.execPath, [MAIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect([code, stderr]).toEqual([0, '']);
});
