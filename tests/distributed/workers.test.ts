import { expect, test } from 'vitest';
import { addBins, missing, pause, startCluster, startNumberedLoad, until, verdictOf } from './cluster.ts';

const testHere = test.skipIf(missing !== '');
const aloud = missing === '' ? '' : ` (skipped: no ${missing})`;
const PER_S = 200;
/** Starts, leases and recoveries of real processes, also on a busy machine. */
const PATIENCE_MS = 400_000;
const stored = (worker: { metric(name: string): Promise<number> }): Promise<number> =>
  worker.metric('ronde_bridge_messages_total');

testHere(
  `a worker is killed under load: the others take over its session, nothing is lost and nothing doubled${aloud}`,
  async () => {
    const cluster = await startCluster({ workers: 2 });
    const ids = await addBins(cluster.api, 20);
    const load = startNumberedLoad(() => cluster.broker.url, ids, PER_S);
    await until('both workers get messages', async () => {
      const [a, b] = await Promise.all(cluster.workers.map(stored));
      return a! > 50 && b! > 50;
    });
    await cluster.workers[0]!.kill();
    const killedAt = load.acked.length;
    // the broker goes on putting messages into the dead worker's session: a living one has to read it
    await until(
      'the other follows the dead one’s session',
      async () => (await cluster.workers[1]!.metric('ronde_bridge_connected')) === 2,
    );
    await until('messages flow', () => load.acked.length > killedAt + 5 * PER_S);
    await cluster.restartWorker(0);
    await until(
      'the session is given back',
      async () => (await cluster.workers[1]!.metric('ronde_bridge_connected')) === 1,
    );
    await until('the worker gets messages again', async () => (await stored(cluster.workers[0]!)) > 50);
    await load.end();
    expect(load.acked.length).toBeGreaterThan(1_000);
    const { lost, doubled } = await verdictOf(cluster.api, ids, load.acked);
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  },
);

testHere(
  `a worker is frozen past its lease and thawed: nothing is lost and nothing doubled${aloud}`,
  async () => {
    const cluster = await startCluster({ workers: 2, bus: 'mqtt' });
    const ids = await addBins(cluster.api, 20);
    const load = startNumberedLoad(() => cluster.broker.url, ids, PER_S);
    await until('both workers get messages', async () => {
      const [a, b] = await Promise.all(cluster.workers.map(stored));
      return a! > 50 && b! > 50;
    });
    const frozen = cluster.workers[0]!;
    frozen.child.kill('SIGSTOP');
    await until(
      'the other follows its session',
      async () => (await cluster.workers[1]!.metric('ronde_bridge_connected')) === 2,
    );
    const before = await stored(cluster.workers[1]!);
    await until('messages flow', async () => (await stored(cluster.workers[1]!)) > before + 300);
    frozen.child.kill('SIGCONT');
    await until(
      'it has its session back',
      async () => (await cluster.workers[1]!.metric('ronde_bridge_connected')) === 1,
    );
    const thawed = await stored(frozen);
    await until('it gets messages again', async () => (await stored(frozen)) > thawed + 50);
    await load.end();
    const { lost, doubled } = await verdictOf(cluster.api, ids, load.acked);
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  },
  PATIENCE_MS,
);

// without a group: Mosquitto 2.0.11 forgets shared subscriptions when it restarts, and keeps plain ones (tried with its own clients)
testHere(
  `broker and database restart under load: nothing is lost and nothing doubled${aloud}`,
  async () => {
    const cluster = await startCluster({ workers: 2, isDivided: false });
    const ids = await addBins(cluster.api, 20);
    const load = startNumberedLoad(() => cluster.broker.url, ids, PER_S);
    await until('messages flow', () => load.acked.length > 2 * PER_S);
    await cluster.restartBroker();
    const afterBroker = load.acked.length;
    await until('messages flow again', () => load.acked.length > afterBroker + 2 * PER_S);
    await cluster.postgres.kill();
    const withoutStore = load.acked.length;
    // devices notice nothing: the inboxes take what comes
    await until('messages are taken without a database', () => load.acked.length > withoutStore + 2 * PER_S);
    // longer than any lease lasts
    await pause(12_000);
    await cluster.postgres.start();
    const afterStore = load.acked.length;
    await until('messages flow with it', () => load.acked.length > afterStore + PER_S);
    await load.end();
    const { lost, doubled } = await verdictOf(cluster.api, ids, load.acked);
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  },
  PATIENCE_MS,
);
