import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { noOwnPostgres, startPostgres, type OwnPostgres } from '../fixtures/postgres-server.ts';
import { addFleet, caughtUp, judge, startLoad } from './load.ts';
import { runRonde, type RondeProcess } from './platform-process.ts';
import { emptyDir, ronde } from './scene.ts';
import { mountSmallDisk } from './small-disk.ts';

const WAIT = { timeout: 60_000, interval: 200 };

describe.skipIf(noOwnPostgres)(`a platform on PostgreSQL${noOwnPostgres}`, () => {
  /** A server that waits for the disk, as in earnest. */
  const postgres = async (
    settings: Record<string, string> = {},
  ): Promise<OwnPostgres & { env: Record<string, string> }> => {
    const server = await startPostgres(settings);
    onTestFinished(() => server.remove());
    const url = await server.createDatabase('ronde');
    return { ...server, env: { REGISTRY_URL: url, READINGS_URL: url } };
  };
  const readiness = async (platform: RondeProcess): Promise<number> =>
    (await fetch(`${platform.url}/health/ready`)).status;
  /** A load under way, and what was acknowledged to whom. */
  const underLoad = async (platform: RondeProcess, devices: number) => {
    const fleet = await addFleet(platform, devices);
    const acked: number[] = [];
    const count = (): number => acked.length;
    let number = 0;
    const load = await startLoad(platform, {
      fleet,
      window: 5,
      nextNumber: () => number++,
      onAck: (one) => void acked.push(one),
    });
    return { fleet, acked, count, load };
  };

  const NOTHING_WRONG = { lost: [], doubled: [] };

  test('a server killed under load and gone for a while: every message is taken meanwhile, health says so, nothing is lost or doubled', async () => {
    const server = await postgres();
    const platform = await ronde(emptyDir(), server.env);
    const { fleet, acked, count, load } = await underLoad(platform, 4);
    await vi.waitFor(() => expect(count()).toBeGreaterThan(500), WAIT);
    await server.kill();
    const atKill = count();
    await vi.waitFor(async () => expect(await readiness(platform)).toBe(503), WAIT);
    await vi.waitFor(() => expect(count()).toBeGreaterThan(atKill + 500), WAIT);
    await server.start();
    await vi.waitFor(async () => expect(await readiness(platform)).toBe(200), WAIT);
    load.end();
    await load.over;
    expect(await judge(platform, fleet, acked)).toMatchObject(NOTHING_WRONG);
  });

  test('a backup of a site on PostgreSQL is restored to SQLite, and from there to another database', async () => {
    const server = await postgres();
    const dataDir = emptyDir();
    const first = await ronde(dataDir, server.env);
    const { fleet, acked, count, load } = await underLoad(first, 2);
    await vi.waitFor(() => expect(count()).toBeGreaterThan(300), WAIT);
    load.end();
    await load.over;
    await caughtUp(first);
    await first.stop();
    const file = join(emptyDir(), 'ronde.tar');
    expect(await runRonde(['backup', file], { DATA_DIR: dataDir, ...server.env })).toMatchObject({
      code: 0,
      stderr: '',
    });

    const onSqlite = emptyDir();
    expect(await runRonde(['restore', file], { DATA_DIR: onSqlite })).toMatchObject({ code: 0, stderr: '' });
    const second = await ronde(onSqlite);
    expect(await judge(second, fleet, acked)).toMatchObject(NOTHING_WRONG);
    await second.stop();

    const back = join(emptyDir(), 'back.tar');
    expect(await runRonde(['backup', back], { DATA_DIR: onSqlite })).toMatchObject({ code: 0 });
    const url = await server.createDatabase('other');
    const env = { REGISTRY_URL: url, READINGS_URL: url };
    const third = emptyDir();
    expect(await runRonde(['restore', back], { DATA_DIR: third, ...env })).toMatchObject({ code: 0, stderr: '' });
    expect(await judge(await ronde(third, env), fleet, acked)).toMatchObject(NOTHING_WRONG);
    // what is there is not replaced unasked
    const refused = await runRonde(['restore', back], { DATA_DIR: emptyDir(), ...env });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/already holds something/);
  });

  const disk = noOwnPostgres ? undefined : mountSmallDisk(160);
  test.skipIf(!disk)(
    'a full disk under the database refuses writes as retriable and loses nothing (skipped where tmpfs cannot be mounted)',
    async () => {
      onTestFinished(() => disk!.remove());
      const server = await startPostgres({ max_wal_size: '32MB', min_wal_size: '32MB' }, disk!.dir);
      onTestFinished(() => server.remove());
      const url = await server.createDatabase('ronde');
      const platform = await ronde(emptyDir(), { REGISTRY_URL: url, READINGS_URL: url });
      const { fleet, acked, count, load } = await underLoad(platform, 2);
      await vi.waitFor(() => expect(count()).toBeGreaterThan(200), WAIT);
      const ballast = join(disk!.dir, 'ballast');
      execFileSync('sh', ['-c', `dd if=/dev/zero of=${ballast} bs=64k 2>/dev/null || true`]);
      await vi.waitFor(async () => expect(await readiness(platform)).toBe(503), WAIT);
      const atFull = count();
      await vi.waitFor(() => expect(count()).toBeGreaterThan(atFull + 100), WAIT);
      execFileSync('rm', [ballast]);
      // a server that ran out of room for its log ends itself; somebody starts it again
      await server.stop();
      await server.start();
      await vi.waitFor(async () => expect(await readiness(platform)).toBe(200), WAIT);
      load.end();
      await load.over;
      expect(await judge(platform, fleet, acked)).toMatchObject(NOTHING_WRONG);
    },
  );
});
