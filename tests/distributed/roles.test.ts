import { expect, test } from 'vitest';
import { addFleet, startLoad } from '../faults/load.ts';
import { addBins, missing, startCluster, startNumberedLoad, until, verdictOf } from './cluster.ts';

const testHere = test.skipIf(missing !== '');
const aloud = missing === '' ? '' : ` (skipped: no ${missing})`;
const PER_S = 100;

testHere(
  `API, planner and bus are killed under load: uplinks are taken all the while, nothing is lost and nothing doubled${aloud}`,
  async () => {
    const cluster = await startCluster({ workers: 2 });
    const planner = await cluster.start(['routing'], 'routing');
    const ids = await addBins(cluster.api, 20);
    const load = startNumberedLoad(() => cluster.broker.url, ids, PER_S);
    const flows = async (when: string): Promise<void> => {
      const from = load.acked.length;
      await until(`messages flow ${when}`, () => load.acked.length > from + 2 * PER_S);
    };
    await flows('at first');
    await Promise.all([cluster.api.kill(), planner.kill()]);
    await flows('without API and planner');
    await cluster.restartRedis(3_000);
    await flows('after the bus was away');
    const api = await cluster.start(['api'], 'api');
    await cluster.start(['routing'], 'routing');
    await flows('with all again');
    await load.end();
    const { lost, doubled } = await verdictOf(api, ids, load.acked);
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  },
);

testHere(
  `a process with our own broker is killed under load: what it acknowledged is stored once, and it knows its devices again${aloud}`,
  async () => {
    const cluster = await startCluster({ workers: 0 });
    const edge = () => cluster.start(['ingest'], 'edge', { MQTT_UPSTREAM_URL: '' });
    const fleet = await addFleet(cluster.api, 10);
    const acked: number[] = [];
    let next = 0;
    const options = { fleet, window: 5, nextNumber: () => next++, onAck: (number: number) => void acked.push(number) };
    for (const turn of [1, 2]) {
      const ronde = await edge();
      const load = await startLoad(ronde, options);
      await until(`acknowledgements, turn ${turn}`, () => acked.length > turn * 1_000);
      await ronde.kill();
      load.end();
      await load.over;
    }
    await edge();
    const ids = fleet.map(({ id }) => id);
    const { lost, doubled } = await verdictOf(cluster.api, ids, acked);
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  },
);
