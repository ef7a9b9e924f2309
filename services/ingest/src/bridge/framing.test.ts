import { expect, test } from 'vitest';
import { generate, parser as createParser, type IPublishPacket, type Packet } from 'mqtt-packet';
import { createFraming, readHead, type MessageHead } from './framing.ts';

function publish(payload: Buffer, version: 4 | 5, over: Partial<IPublishPacket> = {}): Buffer {
  const packet: Packet = {
    cmd: 'publish',
    topic: 'v1/t/bin-1/up',
    payload,
    qos: 1,
    messageId: 513,
    dup: true,
    retain: false,
    ...(version === 5 && { properties: { contentType: 'x'.repeat(300) } }),
    ...over,
  };
  return generate(packet, { protocolVersion: version });
}

/** Pushes bytes in pieces of a size and gives what came out. */
function run(bytes: Buffer, pieceBytes: number, version: 4 | 5): { payloads: number[]; heads: MessageHead[] } {
  const payloads: number[] = [];
  const heads: MessageHead[] = [];
  const parser = createParser({ protocolVersion: version });
  parser.on('packet', (packet) => packet.cmd === 'publish' && payloads.push(packet.payload.length));
  const framing = createFraming({
    onPackets: (whole) => void parser.parse(whole),
    onHead: (head, bodyBytes) => heads.push(readHead(head, bodyBytes, version)),
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) framing.push(bytes.subarray(at, at + pieceBytes));
  return { payloads, heads };
}

test.each([
  [4, 7],
  [4, 65_536],
  [5, 11],
  [5, 65_536],
] as const)(
  'MQTT %i in pieces of %i bytes: every packet comes out once, long ones by their start',
  (version, pieceBytes) => {
    const sizes = [0, 1, 126, 127, 128, 16_383, 16_384, 70_000];
    const long = [100_000, 2_000_000];
    const bytes = Buffer.concat([...sizes, ...long, 5].map((size) => publish(Buffer.alloc(size, 65), version)));
    const { payloads, heads } = run(bytes, pieceBytes, version);
    expect(payloads).toEqual([...sizes, 5]);
    expect(heads.map(({ payloadBytes }) => payloadBytes)).toEqual(long);
    expect(heads[0]).toMatchObject({ topic: 'v1/t/bin-1/up', qos: 1, dup: true, retain: false, messageId: 513 });
    expect(heads[0]!.payload.every((byte) => byte === 65)).toBe(true);
  },
);

test('a header that announces 256 MB costs no memory, and what is no message is refused', () => {
  const framing = createFraming({ onPackets: () => undefined, onHead: () => undefined });
  expect(() => framing.push(Buffer.from([0x20, 0xff, 0xff, 0xff, 0x7f]))).toThrow('is no message');
  const other = createFraming({ onPackets: () => undefined, onHead: () => undefined });
  expect(() => other.push(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x7f]))).toThrow('four bytes');
});
