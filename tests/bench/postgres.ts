import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantityOf, type DeviceRecord, type Reading } from '@ronde/contracts';
import { createRng, silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { openRegistry, type Registry } from '@ronde/registry';
import { noOwnPostgres, startPostgres } from '../fixtures/postgres-server.ts';

/*
 * Registry and readings on PostgreSQL beside SQLite in the same run, on one disk, both waiting for it. Rounds alternate
 * between the two, so that what else the machine does meets both; of each figure the median of the rounds.
 */
const ROUNDS = 5;
const DEVICES = 2_000;
const ONE_BY_ONE = 100;
const BATCHES = 5;
const BATCH = 10_000;
const AT = '2026-01-05T06:00:00.000Z';

const device = (n: number): DeviceRecord => ({
  id: `dev-${10_000 + n}`,
  typeId: 'milesight-em310-udl',
  assetId: `bin-${n}`,
  externalIds: { devEui: n.toString(16).padStart(16, '0') },
  createdAt: AT,
  secretHash: 'f'.repeat(64),
});

function batchOf(round: number, rng: () => number): Reading[] {
  return Array.from({ length: BATCH }, (_, n): Reading => {
    const at = new Date(Date.parse(AT) + round * 900_000).toISOString();
    const ids = { deviceId: `dev-${n}`, assetId: `bin-${n}`, chamber: '1', uplinkId: String(round * BATCH + n) };
    const value = Math.round(rng() * 1000) / 1000;
    const rest = { unit: quantityOf('fill').unit, quality: 'ok', typeVersion: 'plain@1.0.0' } as const;
    return { at, receivedAt: at, ...ids, quantity: 'fill', value, flags: [], ...rest };
  });
}

async function perS(count: number, work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return Math.round((count * 1000) / (performance.now() - startMs));
}

async function registryRound({ devices }: Registry, round: number): Promise<Record<string, number>> {
  const tenant = `t${round}`;
  const fleet = Array.from({ length: DEVICES }, (_, n) => device(round * DEVICES + n));
  const pages = async (): Promise<void> => {
    for (let cursor: string | undefined, isLast = false; !isLast;) {
      const page = await devices.list(tenant, { limit: 100, cursor, where: { typeId: 'milesight-em310-udl' } });
      cursor = page.next;
      isLast = cursor === undefined;
    }
  };
  return {
    putsAtOncePerS: await perS(DEVICES, () => Promise.all(fleet.map((one) => devices.put(tenant, one)))),
    putsOneByOnePerS: await perS(ONE_BY_ONE, async () => {
      for (const one of fleet.slice(0, ONE_BY_ONE)) await devices.put(tenant, one);
    }),
    putAllDocumentsPerS: await perS(DEVICES, () => devices.putAll(tenant, fleet)),
    getsPerS: await perS(DEVICES, () => Promise.all(fleet.map(({ id }) => devices.get(tenant, id)))),
    listedDocumentsPerS: await perS(DEVICES, pages),
  };
}

const ENGINES = ['sqlite', 'postgres'] as const;
type Figures = Record<string, number[]>;

/** Measures puts, gets, lists and appended readings on both engines. */
export async function run(): Promise<object> {
  if (noOwnPostgres) return { skipped: noOwnPostgres.trim() };
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-bench-postgres-'));
  const server = await startPostgres({ shared_buffers: '128MB' });
  const url = await server.createDatabase();
  const options = { dataDir, log: silentLog() };
  const registries = { sqlite: await openRegistry('sqlite:', options), postgres: await openRegistry(url, options) };
  const stores = { sqlite: await openReadings('sqlite:', options), postgres: await openReadings(url, options) };
  const figures: Record<(typeof ENGINES)[number], Figures> = { sqlite: {}, postgres: {} };
  const rng = createRng(1);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const batches = Array.from({ length: BATCHES }, (_, n) => batchOf(round * BATCHES + n, () => rng.next()));
      for (const engine of ENGINES) {
        const found = await registryRound(registries[engine], round);
        let seq = round * BATCHES;
        found['appendedReadingsPerS'] = await perS(BATCHES * BATCH, () =>
          Promise.all(
            batches.map((readings) =>
              stores[engine].append({ tenant: 'b', readings, cursor: { name: 'bench', seq: ++seq } }),
            ),
          ),
        );
        for (const [name, value] of Object.entries(found)) (figures[engine][name] ??= []).push(value);
      }
    }
    return { rounds: ROUNDS, devices: DEVICES, batch: BATCH, ...medians(figures) };
  } finally {
    for (const store of [...Object.values(registries), ...Object.values(stores)]) await store.close();
    await server.remove();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function medians(figures: Record<string, Figures>): object {
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
  return Object.fromEntries(
    Object.entries(figures).map(([engine, found]) => [
      engine,
      Object.fromEntries(Object.entries(found).map(([name, values]) => [name, median(values)])),
    ]),
  );
}
