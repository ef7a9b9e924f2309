import { expect, test } from 'vitest';
import { bytes, rawLogin, startRig, type Rig } from './harness.ts';

/*
 * Two devices in each of two tenants, and every operation that one could try on its own things, on those of its neighbour, and
 * on those of the other tenant: 60 cases. A device may send its own uplinks and hear its own downlinks, and nothing else.
 */
const DEVICES = { 'a-1': 'default', 'a-2': 'default', 'b-1': 'other', 'b-2': 'other' } as const;
type DeviceId = keyof typeof DEVICES;
const NEIGHBOUR = { 'a-1': 'a-2', 'a-2': 'a-1', 'b-1': 'b-2', 'b-2': 'b-1' } as const;
const STRANGER = { 'a-1': 'b-1', 'a-2': 'b-2', 'b-1': 'a-1', 'b-2': 'a-2' } as const;
const topic = (id: DeviceId, end: string): string => `v1/${DEVICES[id]}/${id}/${end}`;

const secretOf = (id: string): string => `secret of ${id}`;
const hello = (id: DeviceId, over: { will?: string } = {}): Buffer =>
  bytes.connect(id, { ...over, password: secretOf(id) });

type Outcome = 'acknowledged' | 'closed' | 'granted' | 'refused' | 'login refused';

async function publish(rig: Rig, id: DeviceId, packet: Buffer): Promise<Outcome> {
  const { client } = await rawLogin(rig.port, hello(id));
  client.send(packet);
  const answer = await client.received(8);
  client.socket.destroy();
  return answer[4] === 0x40 ? 'acknowledged' : 'closed';
}
async function subscribe(rig: Rig, id: DeviceId, filter: string): Promise<Outcome> {
  const { client } = await rawLogin(rig.port, hello(id));
  client.send(bytes.subscribe(filter));
  const answer = await client.received(9);
  client.socket.destroy();
  return answer[8] === 0x80 ? 'refused' : 'granted';
}
async function connect(rig: Rig, packet: Buffer): Promise<Outcome> {
  const { code, client } = await rawLogin(rig.port, packet);
  client.socket.destroy();
  return code === 0 ? 'granted' : 'login refused';
}

const OPERATIONS: [string, Outcome, (rig: Rig, id: DeviceId) => Promise<Outcome>][] = [
  ['sends its own uplink', 'acknowledged', (rig, id) => publish(rig, id, bytes.publish(topic(id, 'up'), '{}'))],
  ['sends as its neighbour', 'closed', (rig, id) => publish(rig, id, bytes.publish(topic(NEIGHBOUR[id], 'up'), '{}'))],
  ['sends as a stranger', 'closed', (rig, id) => publish(rig, id, bytes.publish(topic(STRANGER[id], 'up'), '{}'))],
  [
    'sends its own name into the other tenant',
    'closed',
    (rig, id) => publish(rig, id, bytes.publish(`v1/${DEVICES[STRANGER[id]]}/${id}/up`, '{}')),
  ],
  [
    'sends a downlink to its neighbour',
    'closed',
    (rig, id) => publish(rig, id, bytes.publish(topic(NEIGHBOUR[id], 'down'), '{}')),
  ],
  [
    'sends a downlink to a stranger',
    'closed',
    (rig, id) => publish(rig, id, bytes.publish(topic(STRANGER[id], 'down'), '{}')),
  ],
  [
    'sends a retained uplink',
    'closed',
    (rig, id) => publish(rig, id, bytes.publish(topic(id, 'up'), '{}', { retain: true })),
  ],
  ['sends with QoS 2', 'closed', (rig, id) => publish(rig, id, bytes.publish(topic(id, 'up'), '{}', { qos: 2 }))],
  [
    'sends to a system topic',
    'closed',
    (rig, id) => publish(rig, id, bytes.publish('$SYS/x/new/clients', NEIGHBOUR[id])),
  ],
  ['hears its own downlinks', 'granted', (rig, id) => subscribe(rig, id, topic(id, 'down'))],
  ['hears those of its neighbour', 'refused', (rig, id) => subscribe(rig, id, topic(NEIGHBOUR[id], 'down'))],
  ['hears those of a stranger', 'refused', (rig, id) => subscribe(rig, id, topic(STRANGER[id], 'down'))],
  ['hears all', 'refused', (rig, id) => subscribe(rig, id, '#')],
  [
    'leaves a will in the name of its neighbour',
    'login refused',
    (rig, id) => connect(rig, hello(id, { will: topic(NEIGHBOUR[id], 'up') })),
  ],
  [
    'logs in as its neighbour with its own secret',
    'login refused',
    (rig, id) => connect(rig, bytes.connect(NEIGHBOUR[id], { password: secretOf(id) })),
  ],
];

test('each of 60 operations of two devices in two tenants is allowed or denied as the table says', async () => {
  const rig = await startRig();
  for (const [id, tenant] of Object.entries(DEVICES)) await rig.addDevice(id, tenant, secretOf(id));
  const outcomes: string[] = [];
  for (const id of Object.keys(DEVICES) as DeviceId[])
    for (const [what, , attempt] of OPERATIONS) outcomes.push(`${id} ${what}: ${await attempt(rig, id)}`);
  expect(outcomes.length).toBe(60);
  expect(outcomes).toEqual(
    Object.keys(DEVICES).flatMap((id) => OPERATIONS.map(([what, outcome]) => `${id} ${what}: ${outcome}`)),
  );
  expect((await rig.frames()).map((frame) => frame.topic)).toEqual(
    (Object.keys(DEVICES) as DeviceId[]).map((id) => topic(id, 'up')),
  );
});
