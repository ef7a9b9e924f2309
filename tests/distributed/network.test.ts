import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { findMosquitto, startMosquitto, untilListening } from '../fixtures/mosquitto.ts';
import { addBins, missing, startCluster, startNumberedLoad, until, verdictOf } from './cluster.ts';

/*
 * Two machines of network namespaces: the outside broker in one, joined to the processes of this one by a link that is cut
 * (nft), cut in one direction only, and narrowed (tc tbf).
 */
const RIG = `rt${randomBytes(2).toString('hex')}`;
const [HERE, THERE] = ['10.97.41.1', '10.97.41.2'];
const lacks = [
  ...(missing === '' ? [] : [missing]),
  ...(process.getuid?.() === 0 ? [] : ['root']),
  ...['ip', 'nft', 'tc'].filter((tool) => spawnSync(tool, ['-V']).error !== undefined),
  ...(canMakeNamespaces() ? [] : ['network namespaces']),
].join(', ');

function canMakeNamespaces(): boolean {
  const name = `${RIG}-try`;
  const made = spawnSync('ip', ['netns', 'add', name]).status === 0;
  if (made) spawnSync('ip', ['netns', 'del', name]);
  return made;
}

const run = (line: string): string => execFileSync('sh', ['-c', line], { encoding: 'utf8' });

/** Makes the second machine and the link to it. */
function makeLink(): {
  inThere: string[];
  cut(rule: string): void;
  heal(): void;
  narrow(kbitPerS: number | undefined): void;
} {
  const inThere = ['ip', 'netns', 'exec', RIG];
  run(`ip netns add ${RIG}`);
  onTestFinished(() => void spawnSync('ip', ['netns', 'del', RIG]));
  run(`ip link add ${RIG}a type veth peer name ${RIG}b netns ${RIG}`);
  run(`ip addr add ${HERE}/30 dev ${RIG}a && ip link set ${RIG}a up`);
  run(
    `ip -n ${RIG} addr add ${THERE}/30 dev ${RIG}b && ip -n ${RIG} link set ${RIG}b up && ip -n ${RIG} link set lo up`,
  );
  const nft = (text: string): void => void run(`ip netns exec ${RIG} nft '${text}'`);
  return {
    inThere,
    cut(rule) {
      nft('add table inet cut');
      for (const hook of ['input', 'output'])
        nft(`add chain inet cut ${hook} { type filter hook ${hook} priority 0 ; policy accept ; }`);
      nft(`add rule inet cut ${rule} drop`);
    },
    heal: () => nft('delete table inet cut'),
    narrow(kbitPerS) {
      run(
        `tc qdisc del dev ${RIG}a root 2>/dev/null; ip netns exec ${RIG} tc qdisc del dev ${RIG}b root 2>/dev/null; true`,
      );
      if (kbitPerS === undefined) return;
      const shape = `root tbf rate ${kbitPerS}kbit burst 16kb latency 400ms`;
      run(`tc qdisc add dev ${RIG}a ${shape} && ip netns exec ${RIG} tc qdisc add dev ${RIG}b ${shape}`);
    },
  };
}

test.skipIf(lacks !== '')(
  `a broker on another machine: cut off, half cut off, on one that loses three of ten packets and on a narrow one, nothing is lost and nothing doubled${lacks === '' ? '' : ` (skipped: no ${lacks})`}`,
  async () => {
    const link = makeLink();
    const dir = mkdtempSync(join(tmpdir(), 'ronde-far-broker-'));
    const far = await startMosquitto(findMosquitto()!, { host: '0.0.0.0', port: 1883, dir, prefix: link.inThere });
    onTestFinished(async () => {
      await far.kill();
      rmSync(dir, { recursive: true, force: true });
    });
    await untilListening(far.port, THERE, () => undefined);
    const url = `mqtt://${THERE}:${far.port}`;
    const cluster = await startCluster({ workers: 0 });
    const ids = await addBins(cluster.api, 20);
    const env = { MQTT_UPSTREAM_URL: url, MQTT_UPSTREAM_KEEPALIVE_S: '5' };
    const worker = await cluster.start(['ingest'], 'worker', env);
    const isFollowing = async (): Promise<boolean> => (await worker.metric('ronde_bridge_connected')) === 1;
    const load = startNumberedLoad(() => url, ids, 100);
    const flows = async (what: string): Promise<void> => {
      const from = load.acked.length;
      await until(`messages flow ${what}`, () => load.acked.length > from + 200);
    };
    await flows('at first');
    for (const [what, rule] of [
      ['both directions', 'input ip saddr 10.97.41.1'],
      ['towards us only', 'output ip daddr 10.97.41.1'],
    ] as const) {
      link.cut(rule);
      await until(`the break is noticed (${what})`, async () => !(await isFollowing()));
      link.heal();
      await until('it is followed again', isFollowing, 90_000);
      await flows(`after a cut of ${what}`);
    }
    link.cut('input numgen random mod 100 < 30');
    await flows('past 30 % loss');
    link.heal();
    link.narrow(256);
    await flows('through 256 kbit/s');
    link.narrow(undefined);
    await load.end();
    const { lost, doubled } = await verdictOf(cluster.api, ids, load.acked);
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  },
);
