import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { isRondeError, type Frame, type Reading, type StoredFrame } from '@ronde/contracts';
import { openInbox } from '@ronde/inbox';
import { createRng, silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { openRegistry } from '@ronde/registry';
import { addFleet, caughtUp, connectDevice } from './load.ts';
import { runRonde, startRonde } from './platform-process.ts';
import { emptyDir, ronde } from './scene.ts';

const FRAMES = 320;
const FLIPS = 24;
const SEED = 11;

let whole: string;
/** A platform that stored some messages and ended. */
beforeAll(async () => {
  whole = mkdtempSync(join(tmpdir(), 'ronde-whole-'));
  const running = await startRonde({ dataDir: whole });
  const [device] = await addFleet(running, 1);
  const client = await connectDevice(running.mqttPort, device!);
  for (let count = 0; count < 20; count++)
    await client.publishAsync('v1/default/bin-0/up', JSON.stringify({ seq: count, count }), { qos: 1 });
  await client.endAsync();
  await caughtUp(running);
  await running.stop();
});
afterAll(() => rmSync(whole, { recursive: true, force: true }));

const frameOf = (index: number): Frame => ({
  tenant: 'default',
  source: 'native',
  topic: 'v1/default/bin-1/up',
  receivedAtMs: 1_767_600_000_000 + index,
  origin: { kind: 'device', id: 'bin-1' },
  payload: Buffer.from(`${index} `.repeat(30)),
});

test('a bit that flips anywhere in the inbox never changes a frame: it is served as it was, or missed aloud', async () => {
  const good = join(emptyDir(), 'inbox');
  const inbox = await openInbox({ dir: good });
  for (let index = 0; index < FRAMES; index += 4)
    await Promise.all([0, 1, 2, 3].map((more) => inbox.append(frameOf(index + more))));
  await inbox.close();
  const bytes = readFileSync(join(good, 'inbox.sqlite'));
  const rng = createRng(SEED);
  const outcome = { untouched: 0, told: 0, refused: 0 };
  for (let flip = 0; flip < FLIPS; flip++) {
    // the first ones hit the header of the file
    const at = flip < 6 ? flip * 16 : rng.int(bytes.length);
    const bit = rng.int(8);
    const dir = join(emptyDir(), 'inbox');
    mkdirSync(dir, { mode: 0o700 });
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 1 << bit;
    writeFileSync(join(dir, 'inbox.sqlite'), damaged);
    const found = await readAllOf(dir).catch((thrown: unknown) => thrown);
    const place = `byte ${at} bit ${bit}`;
    if (found instanceof Error) {
      expect([place, isRondeError(found)]).toEqual([place, true]);
      outcome.refused += 1;
      continue;
    }
    const { frames, corrupt } = found as Awaited<ReturnType<typeof readAllOf>>;
    for (const { seq, payload } of frames)
      expect([place, seq, Buffer.from(payload).toString()]).toEqual([place, seq, `${seq - 1} `.repeat(30)]);
    if (frames.length < FRAMES) expect([place, corrupt]).not.toEqual([place, 0]);
    outcome[frames.length < FRAMES ? 'told' : 'untouched'] += 1;
  }
  process.stderr.write(`${FLIPS} bit flips in the inbox: ${JSON.stringify(outcome)}\n`);
});

async function readAllOf(dir: string) {
  const inbox = await openInbox({ dir });
  try {
    const frames: StoredFrame[] = [];
    for (;;) {
      const more = await inbox.read(frames.at(-1)?.seq ?? 0, 100);
      if (more.length === 0) break;
      frames.push(...more);
    }
    return { frames, corrupt: inbox.stats().corrupt };
  } finally {
    await inbox.close();
  }
}

/** Puts as many devices and readings into stores of their own as the flips below should hit. */
async function fillStores(dataDir: string): Promise<void> {
  const registry = await openRegistry('sqlite:', { dataDir, log: silentLog() });
  const readings = await openReadings('sqlite:', { dataDir, log: silentLog() });
  for (let index = 0; index < 60; index++) {
    const facts = { typeId: 'plain', createdAt: '2026-01-05T06:00:00Z', secretHash: `${index}`.padStart(64, 'a') };
    await registry.devices.put('default', { id: `bin-${index}`, ...facts });
    const at = new Date(1_767_600_000_000 + index * 60_000).toISOString();
    const whose = { deviceId: `bin-${index % 5}`, assetId: null, quantity: 'fill', unit: '1' } as const;
    const how = { quality: 'ok', flags: [], typeVersion: 'plain@1.0.0', uplinkId: `u${index}` } as const;
    const reading: Reading = { at, receivedAt: at, ...whose, value: index / 100, ...how, flags: [] };
    await readings.append({ tenant: 'default', readings: [reading], cursor: { name: 'ingest', seq: index + 1 } });
  }
  await registry.close();
  await readings.close();
}

const READ_BACK: Record<string, (dataDir: string) => Promise<unknown>> = {
  async 'registry.sqlite'(dataDir) {
    const registry = await openRegistry('sqlite:', { dataDir, log: silentLog() });
    try {
      const one = await registry.findDevice({ id: 'bin-7' });
      return [await registry.devices.all('default'), one];
    } finally {
      await registry.close();
    }
  },
  async 'readings.sqlite'(dataDir) {
    const readings = await openReadings('sqlite:', { dataDir, log: silentLog() });
    try {
      const series = await readings.series({ tenant: 'default', fromMs: 0, toMs: 8e15, limit: 1_000 });
      return [series.items, await readings.lastValues({ tenant: 'default' })];
    } finally {
      await readings.close();
    }
  },
};

test.each(Object.entries(READ_BACK))(
  'a bit that flips anywhere in %s is told, and never gives another document or reading, or none',
  async (name, readBack) => {
    const good = emptyDir();
    await fillStores(good);
    const bytes = readFileSync(join(good, name));
    const expected = await readBack(good);
    const rng = createRng(SEED);
    let told = 0;
    for (let flip = 0; flip < FLIPS; flip++) {
      const at = rng.int(bytes.length);
      const bit = rng.int(8);
      const dir = emptyDir();
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << bit;
      writeFileSync(join(dir, name), damaged);
      const found = await readBack(dir).catch((thrown: unknown) => thrown);
      told += found instanceof Error ? 1 : 0;
      if (!(found instanceof Error))
        expect([`byte ${at} bit ${bit}`, found]).toEqual([`byte ${at} bit ${bit}`, expected]);
    }
    process.stderr.write(`${FLIPS} bit flips in ${name}: ${told} told, the others hit nothing that is read\n`);
  },
);

const HARM: [string, (file: string) => void][] = [
  ['cut to half', (file) => truncateSync(file, readFileSync(file).length >> 1)],
  ['overwritten in its header', (file) => writeFileSync(file, Buffer.alloc(4_096, 0x55), { flag: 'r+' })],
];
const STORES = ['inbox/inbox.sqlite', 'registry.sqlite', 'readings.sqlite'];

test.each(STORES.flatMap((store) => HARM.map(([what, harm]) => ({ store, what, harm }))))(
  'a $store that was $what stops the start in one line, and is left as it is for a repair',
  async ({ store, harm }) => {
    const dataDir = copyOfWhole();
    const file = join(dataDir, store);
    harm(file);
    const before = readFileSync(file);
    const { code, stderr, stdout } = await runRonde(['start'], { DATA_DIR: dataDir });
    expect(code).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^ronde: [^\n]*STORE_CORRUPT[^\n]*\n$/);
    expect(readFileSync(file).equals(before)).toBe(true);
  },
);

const GONE: [string, (file: string) => void][] = [
  ['is gone', (file) => rmSync(file)],
  ['is empty', (file) => truncateSync(file, 0)],
];
const TOLD: Record<string, string> = {
  'inbox/inbox.sqlite': 'ingest.inbox.lost',
  'registry.sqlite': 'run.store.lost',
  'readings.sqlite': 'run.store.lost',
};

test.each(STORES.flatMap((store) => GONE.map(([what, harm]) => ({ store, what, harm }))))(
  'a start whose $store $what says that it was lost',
  async ({ store, harm }) => {
    const dataDir = copyOfWhole();
    for (const suffix of ['-wal', '-shm']) rmSync(join(dataDir, `${store}${suffix}`), { force: true });
    harm(join(dataDir, store));
    const running = await ronde(dataDir);
    expect((await running.stop()).stderr).toContain(TOLD[store]);
  },
);

test('a start of a whole platform speaks of nothing lost', async () => {
  const running = await ronde(copyOfWhole());
  expect((await running.stop()).stderr).not.toContain('lost');
});

/** Mounts a folder read-only over itself; false where this process may not. */
function makeReadOnly(dir: string): boolean {
  try {
    execFileSync('mount', ['--bind', dir, dir], { stdio: 'ignore' });
    onTestFinished(() => void execFileSync('umount', ['-l', dir]));
    execFileSync('mount', ['-o', 'remount,ro,bind', dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a DATA_DIR on a read-only file system stops the start with the place and the remedy (skipped where it cannot be mounted)', async ({
  skip,
}) => {
  const dataDir = copyOfWhole();
  if (!makeReadOnly(dataDir)) skip('no mounting here');
  const { code, stderr, stdout } = await runRonde(['start'], { DATA_DIR: dataDir });
  expect(code).not.toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^ronde: [^\n]*\n$/);
  expect(stderr).toContain(dataDir);
  expect(stderr).toContain('permissions');
});

function copyOfWhole(): string {
  const dataDir = join(emptyDir(), 'data');
  cpSync(whole, dataDir, { recursive: true });
  return dataDir;
}
