import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isRondeError } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import { noPostgres, openPostgres, type PostgresServer } from '../../../tests/fixtures/postgres-server.ts';
import { T0, testReading } from './conformance-fixtures.ts';
import { openReadings } from './open.ts';
import type { AppendResult, ReadingsStore } from './port.ts';

const log = silentLog();
const DAY_MS = 86_400_000;

describe.skipIf(noPostgres)(`Claims of uplink keys${noPostgres}`, () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await openPostgres()));
  afterAll(() => server?.stop());

  async function openWorkers(count: number): Promise<ReadingsStore[]> {
    const url = await server.createDatabase();
    const open = () => openReadings(url, { dataDir: '/nowhere', log });
    const workers = [await open()];
    while (workers.length < count) workers.push(await open());
    onTestFinished(async () => void (await Promise.all(workers.map((store) => store.close()))));
    return workers;
  }
  const copy = (store: ReadingsStore, worker: number, receivedAtMs = T0): Promise<AppendResult> =>
    store.append({
      tenant: 't',
      // each copy was placed at a time of its own: identity does not tell that they are one
      readings: [testReading(worker, 0.5, { uplinkId: `w${worker}` })],
      uplinkKeys: [{ key: 'uplink', receivedAtMs, mustBeNew: true }],
      cursor: { name: `w${worker}`, seq: 1 },
    });

  test('of copies that workers store at the same moment one is stored, and the others are refused whole', async () => {
    const workers = await openWorkers(4);
    const outcomes = await Promise.allSettled(workers.map((store, worker) => copy(store, worker)));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused).toHaveLength(3);
    expect(refused.every((thrown) => isRondeError(thrown, 'UPLINK_TAKEN'))).toBe(true);
    expect(await workers[0]!.stats()).toMatchObject({ readings: 1 });
    const cursors = await Promise.all(workers.map((_, worker) => workers[0]!.cursor(`w${worker}`)));
    expect(cursors.toSorted()).toEqual([0, 0, 0, 1]);
  });

  test('a copy received on another day is one, too', async () => {
    const [a, b] = await openWorkers(2);
    await copy(a!, 0);
    await expect(copy(b!, 1, T0 + DAY_MS)).rejects.toThrow('another worker has stored a copy');
    expect(await a!.stats()).toMatchObject({ readings: 1 });
  });
});
