import { RondeError } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import { expect, test, vi } from 'vitest';
import { bytes, login, rawLogin, startRig } from './harness.ts';

const topic = 'v1/default/bin-1/up';

/** The real inbox, whose appends wait until they are let through or are refused. */
interface Gate {
  inbox: Inbox;
  open(): void;
  refuse: boolean;
  faulty: boolean;
}
function gated(inbox: Inbox): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const gate: Gate = {
    open: () => open(),
    refuse: false,
    faulty: false,
    inbox: {
      ...inbox,
      append: async (frame) => {
        await opened;
        if (gate.refuse) throw new RondeError('STORAGE_UNAVAILABLE', 'planted');
        return inbox.append(frame);
      },
      stats: () => ({ ...inbox.stats(), ...(gate.faulty && { fault: 'planted' }) }),
    },
  };
  return gate;
}

async function gatedRig() {
  let gate: ReturnType<typeof gated> | undefined;
  const rig = await startRig({ wrapInbox: (inbox) => (gate = gated(inbox)).inbox });
  await rig.addDevice('bin-1');
  await rig.addDevice('bin-2');
  return { rig, gate: gate! };
}

test('PUBACK waits for the durable commit', async () => {
  const { rig, gate } = await gatedRig();
  const { client } = await rawLogin(rig.port, bytes.connect('bin-1'));
  client.send(bytes.publish(topic, 'one'));
  // another client's whole login passes in the meantime: the broker is not merely slow
  expect((await rawLogin(rig.port, bytes.connect('bin-2'))).code).toBe(0);
  expect((await client.received(4)).length).toBe(4);
  expect(await rig.frames()).toEqual([]);
  gate.open();
  expect([...(await client.received(8)).subarray(4)]).toEqual([0x40, 2, 0, 1]);
  expect((await rig.frames()).length).toBe(1);
});

test('storage trouble closes the connection without PUBACK, and new logins hear "unavailable" until it is over', async () => {
  const { rig, gate } = await gatedRig();
  const { client } = await rawLogin(rig.port, bytes.connect('bin-1'));
  gate.refuse = true;
  gate.faulty = true;
  gate.open();
  client.send(bytes.publish(topic, 'one'));
  await client.closed;
  expect((await client.received(8)).length).toBe(4);
  expect((await rawLogin(rig.port, bytes.connect('bin-1'))).code).toBe(3);
  expect(rig.health.report()).toMatchObject({ ready: false, parts: { inbox: { ok: false, detail: 'planted' } } });
  gate.refuse = false;
  gate.faulty = false;
  const again = await rawLogin(rig.port, bytes.connect('bin-1'));
  again.client.send(bytes.publish(topic, 'one', { dup: true }));
  expect((await again.client.received(8)).length).toBe(8);
  expect((await rig.frames()).length).toBe(1);
  expect(await rig.metric('mqtt_publishes_total', { outcome: 'unavailable' })).toBe(1);
});

test('a stop waits for the acknowledgement of what it already took in', async () => {
  const { rig, gate } = await gatedRig();
  const { client } = await rawLogin(rig.port, bytes.connect('bin-1'));
  client.send(bytes.publish(topic, 'one'));
  await vi.waitFor(async () => expect((await rawLogin(rig.port, bytes.connect('bin-2'))).code).toBe(0));
  const stopping = rig.broker.stop();
  gate.open();
  await stopping;
  expect([...(await client.received(8)).subarray(4)]).toEqual([0x40, 2, 0, 1]);
  await client.closed;
});

test('messages of many clients are acknowledged in one commit, in order and all stored', async () => {
  const rig = await startRig();
  for (let device = 1; device <= 10; device++) await rig.addDevice(`bin-${device}`);
  const clients = await Promise.all(Array.from({ length: 10 }, (_, index) => login(rig, `bin-${index + 1}`)));
  await Promise.all(
    clients.flatMap((client, index) =>
      Array.from({ length: 100 }, (_, count) =>
        client.publishAsync(`v1/default/bin-${index + 1}/up`, `${count}`, { qos: 1 }),
      ),
    ),
  );
  const frames = await rig.frames();
  expect(frames.length).toBe(1_000);
  for (let device = 1; device <= 10; device++) {
    const texts = frames
      .filter((frame) => frame.origin.id === `bin-${device}`)
      .map((frame) => Buffer.from(frame.payload).toString());
    expect(texts).toEqual(Array.from({ length: 100 }, (_, count) => `${count}`));
  }
  expect(rig.inbox.stats().commits).toBeLessThan(500);
  expect(await rig.metric('mqtt_publishes_total', { outcome: 'accepted' })).toBe(1_000);
});
