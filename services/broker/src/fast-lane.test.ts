import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { bytes, rawLogin, startRig } from './harness.ts';

const own = 'v1/default/bin-1/up';
const LONG = 'x'.repeat(300);

interface Step {
  kind: 'publish' | 'dup' | 'long' | 'qos-0' | 'ping';
}
/** Frames that end a connection, each next to one that the lane takes. */
const ENDS: Record<string, Buffer> = {
  'another topic': bytes.publish('v1/default/bin-2/up', '{}'),
  'a wildcard': bytes.publish('v1/default/bin-1/#', '{}'),
  'no topic': bytes.publish('', '{}'),
  'a topic longer than its frame': bytes.frame(0x32, Buffer.from([0xff, 0xff, 0x61, 0, 1])),
  'a frame that ends before its packet id': bytes.frame(0x32, Buffer.concat([Buffer.from([0, 19]), Buffer.from(own)])),
  'packet id 0': bytes.publish(own, '{}', { packetId: 0 }),
  'bytes that are no text': bytes.publish(Buffer.from([0x76, 0xff]), '{}'),
  retain: bytes.publish(own, '{}', { retain: true }),
  'a payload too long': bytes.publish(own, 'x'.repeat(4_097)),
  'a length that never ends': Buffer.from([0x32, 0xff, 0xff, 0xff, 0xff, 0xff]),
};

const step = fc.record({
  kind: fc.constantFrom('publish', 'publish', 'publish', 'dup', 'long', 'qos-0', 'ping'),
}) as fc.Arbitrary<Step>;

function frameOf({ kind }: Step, index: number): Buffer {
  if (kind === 'ping') return bytes.frame(0xc0, Buffer.alloc(0));
  const payload = JSON.stringify({ seq: index, fill: 0.5, note: kind === 'long' ? LONG : '' });
  return bytes.publish(own, payload, { packetId: index + 1, dup: kind === 'dup', qos: kind === 'qos-0' ? 0 : 1 });
}

/** Cuts a stream into pieces of up to so many bytes. */
function* pieces(stream: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield stream.subarray(at, at + size);
    at += size;
  }
}

test('however its bytes are cut, each publish is stored once, in order, and each answered once', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 }),
      fc.option(fc.constantFrom(...Object.keys(ENDS))),
      async (steps, sizes, end) => {
        const before = (await rig.frames()).length;
        const { code, client } = await rawLogin(rig.port, bytes.connect('bin-1'));
        expect(code).toBe(0);
        const closing = end === null ? bytes.frame(0xc0, Buffer.alloc(0)) : ENDS[end]!;
        const stream = Buffer.concat([...steps.map(frameOf), closing]);
        client.socket.setNoDelay(true);
        for (const piece of pieces(stream, sizes)) {
          client.send(piece);
          await new Promise((resolve) => setImmediate(resolve));
        }
        const published = steps.flatMap(({ kind }, index) => (kind === 'ping' ? [] : [{ kind, index }]));
        await vi.waitFor(async () => expect((await rig.frames()).length - before).toBe(published.length), 10_000);
        const stored = (await rig.frames()).slice(before);
        expect(
          stored.map(({ payload }) => (JSON.parse(Buffer.from(payload).toString()) as { seq: number }).seq),
        ).toEqual(published.map(({ index }) => index));
        expect(stored.map(({ dup }) => dup)).toEqual(published.map(({ kind }) => kind === 'dup'));
        const wanted = published.filter(({ kind }) => kind !== 'qos-0').map(({ index }) => index + 1);
        const pings = steps.filter(({ kind }) => kind === 'ping').length + 1;
        const acked =
          end === null
            ? client.received(4 + wanted.length * 4 + pings * 2)
            : client.closed.then(() => client.received(0));
        const answers = readAnswers((await acked).subarray(4));
        // an end may come before the answers to what it followed, but never changes their order
        if (end === null) expect(answers).toEqual(wanted);
        else expect(answers).toEqual(wanted.slice(0, answers.length));
        client.socket.destroy();
        await client.closed;
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);

/** The packet ids of the PUBACKs. */
function readAnswers(received: Buffer): number[] {
  const ids: number[] = [];
  for (let at = 0; at < received.length; at += 2 + received[at + 1]!) {
    if (received[at] === 0x40) ids.push(received.readUInt16BE(at + 2));
    else expect(received[at]).toBe(0xd0);
  }
  return ids;
}

test('what the lane takes keeps the connection alive', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const { client } = await rawLogin(rig.port, bytes.connect('bin-1', { keepaliveS: 2 }));
  for (let index = 0; index < 5; index++) {
    await new Promise((resolve) => setTimeout(resolve, 800));
    client.send(bytes.publish(own, `{"seq":${index}}`, { packetId: index + 1 }));
    await client.received(4 + 4 * (index + 1));
  }
  // 4 s have passed: without the messages it had been cut after 3 s
  expect(client.socket.destroyed).toBe(false);
  await client.closed;
});

test('the rate of a device holds in the lane as behind it', async () => {
  const rig = await startRig({ config: { DEVICE_RATE_PER_S: '1' }, deps: { nowMs: () => 0 } });
  await rig.addDevice('bin-1');
  const { client } = await rawLogin(rig.port, bytes.connect('bin-1'));
  client.send(
    ...Array.from({ length: 40 }, (_, index) => bytes.publish(own, `{"seq":${index}}`, { packetId: index + 1 })),
  );
  await client.closed;
  await vi.waitFor(async () => expect(await rig.frames()).toHaveLength(30), 10_000);
  expect(await rig.metric('mqtt_denials_total', { reason: 'rate' })).toBe(1);
});
