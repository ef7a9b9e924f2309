import { expect, test } from 'vitest';
import { createRng } from '@ronde/kit';
import { judge, addFleet, startLoad, type Fleet } from './load.ts';
import { ADMIN_TOKEN, runRonde, type RondeProcess } from './platform-process.ts';
import { emptyDir, ronde } from './scene.ts';

const WINDOW = 10;
const CONNECTIONS = 5;
const KILLS = process.env['FAULTS_ALL'] === '1' ? 20 : 3;
const LONG_MS = 900_000;

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

/** Numbers messages on over restarts and keeps what was acknowledged. */
function ledger() {
  let number = 0;
  const acked: number[] = [];
  return { acked, nextNumber: () => number++, onAck: (acknowledged: number) => void acked.push(acknowledged) };
}

async function loadUntil(
  running: RondeProcess,
  fleet: Fleet,
  { acks, book, then }: { acks: number; book: ReturnType<typeof ledger>; then: () => void },
) {
  const from = book.acked.length;
  const load = await startLoad(running, {
    fleet,
    window: WINDOW,
    nextNumber: book.nextNumber,
    onAck(number) {
      book.onAck(number);
      if (book.acked.length - from === acks) then();
    },
  });
  await load.over;
}

test(
  'every message acknowledged before kill -9 of the whole platform is a reading exactly once after the restart',
  { timeout: LONG_MS },
  async () => {
    const dataDir = emptyDir();
    // the kill falls at a random moment of a random commit
    const rng = createRng(Number(process.hrtime.bigint() % 1_000_000n));
    const book = ledger();
    let fleet: Fleet | undefined;
    const startedMs: number[] = [];
    const start = async (): Promise<RondeProcess> => {
      const fromMs = performance.now();
      const running = await ronde(dataDir);
      startedMs.push(performance.now() - fromMs);
      return running;
    };
    for (let round = 1; round <= KILLS; round++) {
      const running = await start();
      fleet ??= await addFleet(running, CONNECTIONS);
      await loadUntil(running, fleet, {
        acks: 100 + rng.int(4_000),
        book,
        then: () => void setTimeout(() => void running.kill(), rng.int(40)),
      });
      expect((await running.ended).signal).toBe('SIGKILL');
    }
    const again = await start();
    const verdict = await judge(again, fleet!, book.acked);
    expect(verdict).toMatchObject({ lost: [], doubled: [] });
    expect(verdict.stored).toBeGreaterThanOrEqual(book.acked.length);
    process.stderr.write(
      `kill -9, ${KILLS} times: ${book.acked.length} acknowledged, ${verdict.stored} stored, 0 lost, 0 twice; ` +
        `restarted in ${seconds(startedMs.slice(1).sort((a, b) => a - b)[KILLS >> 1]!)} s (median), at most ${seconds(Math.max(...startedMs.slice(1)))} s\n`,
    );
  },
);

test('SIGTERM under load ends the platform with 0 within 10 s, and what it acknowledged is there after a restart', async () => {
  const dataDir = emptyDir();
  const running = await ronde(dataDir);
  const fleet = await addFleet(running, CONNECTIONS);
  const book = ledger();
  let askedMs = 0;
  await loadUntil(running, fleet, {
    acks: 2_000,
    book,
    then() {
      askedMs = performance.now();
      void running.stop();
    },
  });
  const { code, stderr } = await running.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'Stopping …\n' });
  process.stderr.write(`SIGTERM under load: ended after ${Math.round(performance.now() - askedMs)} ms\n`);
  expect(await judge(await ronde(dataDir), fleet, book.acked)).toMatchObject({ lost: [], doubled: [] });
});

test('a second instance on the same DATA_DIR says so in one line and ends, and the first one goes on', async () => {
  const dataDir = emptyDir();
  const first = await ronde(dataDir);
  const second = await runRonde(['start'], { DATA_DIR: dataDir });
  expect(second.code).not.toBe(0);
  expect(second.stdout).toBe('');
  expect(second.stderr).toMatch(/^ronde: .*DATA_DIR_LOCKED.*\n$/);
  expect(second.stderr).toContain('stop it or choose another DATA_DIR');
  expect(await first.call('GET', '/health')).toMatchObject({ status: 'ok' });
});

test('a bad configuration is told whole, with every variable, and ends with 78', async () => {
  const { code, stderr, stdout } = await runRonde(['start'], {
    HTTP_PORT: 'eighty',
    MQTT_PORT: '99999',
    DEMO: 'maybe',
    LOG_LEVEL: 'loud',
    SOLVE_S: '0',
    INGEST_BATCH_FRAMES: '-1',
    ADMIN_TOKEN: 'short',
  });
  expect(code).toBe(78);
  expect(stdout).toBe('');
  for (const name of ['HTTP_PORT', 'MQTT_PORT', 'DEMO', 'LOG_LEVEL', 'SOLVE_S', 'INGEST_BATCH_FRAMES', 'ADMIN_TOKEN'])
    expect(stderr).toContain(`  ${name}: `);
  expect(stderr).not.toContain('    at ');
});

test('one role alone on the in-process bus ends with 78 and the remedy', async () => {
  const { code, stderr } = await runRonde(['start', 'ingest'], { DATA_DIR: emptyDir(), ADMIN_TOKEN });
  expect(code).toBe(78);
  expect(stderr).toContain('start all roles together');
});
