import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAll, startPlatform, type Platform } from '@ronde/run';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const TOKEN = 'admin-token-of-the-test';
let platform: Platform;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ronde-cli-'));
  const env = { DATA_DIR: dir, DEMO: 'off', HTTP_PORT: '0', MQTT_PORT: '0', ADMIN_TOKEN: TOKEN, LOG_LEVEL: 'silent' };
  const configs = readAll(env);
  if (!configs.ok) throw new Error(JSON.stringify(configs.faults));
  platform = await startPlatform(configs.value, ['broker', 'ingest', 'routing', 'api']);
}, 60_000);
afterAll(async () => {
  await platform.stop();
  rmSync(dir, { recursive: true, force: true });
});

function ronde(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args, '--url', platform.url, '--token', TOKEN]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}
const fileOf = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

test('a file is tried, imported, repeated, exported and taken back by command', async () => {
  const assets = fileOf('assets.csv', 'id,kind,lat,lon\nbin-1,container,52.1,5.1\n');
  expect((await ronde('import', 'assets', assets)).status).toBe(0);
  const devices = fileOf(
    'devices.csv',
    'id;type;devEUI;asset;app key\nd1;plain;A84041FFFF000001;bin-1;00112233445566778899aabbccddeeff\nd2;plain;;bin-9;\n',
  );
  const dry = await ronde('import', 'devices', devices, '--dry-run');
  expect([dry.status, dry.stdout]).toEqual([1, expect.stringContaining('Would be: 1 created')]);
  expect(dry.stdout).toContain('row 2 d2: assetId there is no asset "bin-9"');
  const real = await ronde('import', 'devices', devices, '--json');
  const result = JSON.parse(real.stdout) as {
    id: string;
    created: number;
    refused: number;
    rows: { secret?: string }[];
  };
  expect(result).toMatchObject({
    created: 1,
    refused: 1,
    rows: [{ secret: expect.any(String) }, { outcome: 'refused' }],
  });
  expect((await ronde('import', 'devices', devices)).stdout).toContain('0 created, 0 updated, 1 unchanged, 1 refused');
  const keys = await ronde('export', 'keys', '--format', 'things-stack-csv');
  expect(keys.stdout).toContain('d1;A84041FFFF000001;');
  const out = join(dir, 'devices.xlsx');
  await ronde('export', 'devices', '--format', 'xlsx', '--out', out);
  expect(readFileSync(out).subarray(0, 2).toString()).toBe('PK');
  expect((await ronde('import', 'devices', out)).stdout).toContain('1 unchanged');
  const undone = await ronde('import', 'devices', '--undo', result.id, '--json');
  expect([undone.status, JSON.parse(undone.stdout)]).toEqual([0, { id: result.id, removed: 1, restored: 0, kept: [] }]);
}, 120_000);

test('a file that cannot be read as a whole ends in one clear line', async () => {
  const { status, stdout, stderr } = await ronde('import', 'devices', fileOf('odd.csv', 'a,b\n1,2\n'));
  expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining('no heading has a known name')]);
});
