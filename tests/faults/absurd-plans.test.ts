import { expect, test, vi } from 'vitest';
import type { AssetInput, Plan, Reading, Round } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { openRegistry } from '@ronde/registry';
import { solveInThread } from '@ronde/solver';
import { planRound, shiftNow } from './city.ts';
import { addFleet, judge, startLoad } from './load.ts';
import type { RondeProcess } from './platform-process.ts';
import { emptyDir, ronde } from './scene.ts';

const MANY = 50_000;
const MEASURED = 2_000;
const AT_ONCE = 5_000;
const HOUR_MS = 3_600_000;
const LONG_MS = 600_000;
const WAIT = { timeout: 120_000, interval: 250 };
const QUICK = { SOLVE_S: '0.5' };

/** Asks for a plan and gives it when it has ended, well or not. */
async function plan(running: RondeProcess, vehicleIds: string[]): Promise<Plan> {
  const [from, to] = [0, 10].map((hours) => new Date(Date.now() + hours * HOUR_MS).toISOString());
  const { id } = await running.call<Plan>('POST', '/v1/plans', { from, to, vehicleIds });
  return vi.waitFor(async () => {
    const now = await running.call<Plan>('GET', `/v1/plans/${id}`);
    expect(['done', 'failed']).toContain(now.status);
    return now;
  }, WAIT);
}

const assetAt = (id: string, lon: number, lat: number): AssetInput => ({
  id,
  kind: 'litter-bin',
  name: id,
  geometry: { type: 'Point', coordinates: [lon, lat] },
  chambers: [{ id: '1', fraction: 'residual', volumeL: 100 }],
});
const fullNow = (index: number): Reading => {
  const at = new Date(Date.now() - index).toISOString();
  const facts = { unit: '1', quality: 'ok', flags: [] as [], typeVersion: 'plain@1.0.0' } as const;
  const whose = { deviceId: `far-${index}`, assetId: `many-${index}`, chamber: '1' };
  return { at, receivedAt: at, ...whose, quantity: 'fill', value: 0.97, ...facts, uplinkId: `u${index}` };
};

/** Puts a city of 50,000 bins into stores that nobody uses. */
async function addMany(dataDir: string): Promise<void> {
  const registry = await openRegistry('sqlite:', { dataDir, log: silentLog() });
  const readings = await openReadings('sqlite:', { dataDir, log: silentLog() });
  try {
    for (let from = 0; from < MANY; from += AT_ONCE) {
      const assets = Array.from({ length: AT_ONCE }, (_, i) =>
        assetAt(`many-${from + i}`, 5 + ((from + i) % 250) * 0.001, 52 + Math.floor((from + i) / 250) * 0.001),
      );
      await registry.assets.putAll('default', assets);
    }
    await readings.append({ tenant: 'default', readings: Array.from({ length: MEASURED }, (_, i) => fullNow(i)) });
  } finally {
    await registry.close();
    await readings.close();
  }
}

test(
  'a city of 50,000 bins is planned as far as a plan goes, beside a load, and what could not be weighed says why',
  { timeout: LONG_MS },
  async () => {
    const dataDir = emptyDir();
    const first = await ronde(dataDir, QUICK);
    const before = await planRound(first);
    await first.stop();
    await addMany(dataDir);
    const running = await ronde(dataDir, QUICK);
    const fleet = await addFleet(running, 3);
    let number = 0;
    const acked: number[] = [];
    const onAck = (one: number): void => void acked.push(one);
    const load = await startLoad(running, { fleet, window: 2, nextNumber: () => number++, onAck });
    const startMs = performance.now();
    // its models are read in the background after the start: a plan that comes too early knows only some of them
    const made = await vi.waitFor(async () => {
      const one = await plan(running, ['truck-1']);
      expect(one).toMatchObject({ status: 'done', candidates: 400 });
      return one;
    }, WAIT);
    const tookMs = performance.now() - startMs;
    expect(made.leftOut.length).toBeGreaterThan(100);
    for (const { reason } of made.leftOut) expect(reason).toBeTruthy();
    expect((await running.call<Round>('GET', `/v1/rounds/${before.id}`)).status).not.toBe('cancelled');
    expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
    load.end();
    await load.over;
    expect(acked.length).toBeGreaterThan(100);
    expect(await judge(running, fleet, acked)).toMatchObject({ lost: [], doubled: [] });
    process.stderr.write(
      `${MANY} bins, ${MEASURED} of them full: planned ${Math.round(tookMs)} ms after the start, solved in ${made.solveS} s; ` +
        `${acked.length} acknowledged meanwhile, memory ${Math.round(running.rssMb())} MB\n`,
    );
  },
);

test(
  'what cannot be is refused with its fields, what cannot be driven is left out or fails with a reason, and the old round stands',
  { timeout: LONG_MS },
  async () => {
    const running = await ronde(undefined, QUICK);
    const round = await planRound(running);
    const refused = async (path: string, body: object): Promise<void> =>
      expect(running.call('POST', path, body)).rejects.toThrow(/400.*INPUT_INVALID/);
    // NaN and Infinity do not exist in JSON: null comes in their place
    await refused('/v1/assets', { ...assetAt('nowhere', 5, 52), geometry: { type: 'Point', coordinates: [null, 52] } });
    await refused('/v1/assets', assetAt('beyond', 500, 52));
    const truck = {
      name: 'Truck',
      depotId: 'yard',
      fractions: ['residual'],
      liftTypes: ['hand'],
      capacityKg: 9_000,
      shifts: [shiftNow()],
    };
    await refused('/v1/vehicles', { ...truck, id: 'heavy', capacityKg: 1e308 });
    await refused('/v1/vehicles', { ...truck, id: 'still', speedKmh: 0 });
    await refused('/v1/vehicles', { ...truck, id: 'idle', shifts: [{ from: '25:00', to: '26:00' }] });

    // possible, and of no use: all of it goes with one vehicle each, so that nothing but the case is planned
    await running.call('POST', '/v1/depots', { id: 'antipodes', name: 'Far', position: { lat: -52.07, lon: -174.9 } });
    const odd = [
      { id: 'far', depotId: 'antipodes' },
      { id: 'slow', speedKmh: 0.001 },
      { id: 'glass', fractions: ['glass'] },
    ];
    for (const one of odd) {
      await running.call('POST', '/v1/vehicles', { ...truck, ...one });
      const made = await plan(running, [one.id]);
      expect({ id: one.id, served: made.served }).toEqual({ id: one.id, served: 0 });
      if (made.status === 'failed') expect(made.fault).toBeTruthy();
      for (const { reason } of made.leftOut) expect(reason).toBeTruthy();
    }
    // a place is taken to hold no more than a whole vehicle does, so even this one drives to some
    await running.call('POST', '/v1/vehicles', { ...truck, id: 'tiny', capacityKg: 0.001, capacityL: 0.001 });
    expect((await plan(running, ['tiny'])).status).toBe('done');
    await running.call('POST', '/v1/assets', {
      ...assetAt('never-open', 5.1, 52.08),
      timeWindows: [{ from: '03:00', to: '03:00', days: [1] }],
    });
    expect((await plan(running, ['truck-1'])).status).toBe('done');
    const after = await running.call<Round>('GET', `/v1/rounds/${round.id}`);
    expect(after.stops.length).toBeGreaterThan(10);
    expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
  },
);

test('50,000 stops given to the solver itself end in time, with a plan or with an error', async () => {
  const places = 50;
  const metres = Int32Array.from(
    { length: places ** 2 },
    (_, i) => Math.abs((i % places) - Math.floor(i / places)) * 500,
  );
  const stops = Array.from({ length: MANY }, (_, i) => ({ location: i % places, load: [50], prize: 1_000 }));
  const vehicles = [{ startLocation: 0, endLocation: 0, capacity: [9_000] }];
  const profiles = [{ distanceM: metres, durationS: metres }];
  const startMs = performance.now();
  const problem = { locations: places, profiles, stops, vehicles, sites: [{ location: 3 }] };
  const outcome = await solveInThread(problem, { seconds: 1, seed: 1, explain: true }).then(
    ({ solution }) => `${solution.unserved.length} left out`,
    ({ message }: Error) => message,
  );
  expect(outcome).toMatch(/^\d+ left out$|without a plan/);
  process.stderr.write(`${MANY} stops: "${outcome}" after ${Math.round(performance.now() - startMs)} ms\n`);
});
