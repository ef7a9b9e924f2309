import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { bytesOf } from './notation.ts';

/*
 * Mosquitto's packet sequences (test/broker/data/*.json of its sources) against any broker: our own runner, after the
 * rules of their msg_sequence_test.py. Each case sends bytes, expects bytes, and ends with a check that the connection
 * was closed, or that it still answers PINGREQ.
 */
interface Message {
  type: 'send' | 'recv' | 'publish' | 'external_publish';
  payload: string;
  comment?: string;
  topic?: string;
  qos?: number;
  retain?: boolean;
}
interface Defaults {
  ver?: number;
  connect?: boolean;
  expect_disconnect?: boolean;
}
interface Group extends Defaults {
  group: string;
  disable?: boolean;
  tests: (Defaults & { name: string; msgs: Message[] })[];
}
/** One case, with its group's defaults in place. */
export interface Sequence {
  name: string;
  version: number;
  connects: boolean;
  closes: boolean;
  messages: Message[];
}
export interface Outcome {
  total: number;
  passed: number;
  failed: { name: string; why: string }[];
}
const TIMEOUT_MS = 2_000;

/** Reads the cases for MQTT 3.1 and 3.1.1, or those for MQTT 5, in the order in which they are to run. */
export function readSequences(folder: string, mqtt5 = false): Sequence[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.toSorted().flatMap((file) => {
    const groups = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Group[];
    return groups
      .filter(({ disable }) => !disable)
      .flatMap((group) =>
        group.tests.map((one) => ({
          name: `${group.group} ${one.name}`,
          version: one.ver ?? group.ver ?? 4,
          connects: one.connect ?? group.connect ?? true,
          closes: one.expect_disconnect ?? group.expect_disconnect ?? true,
          messages: one.msgs,
        })),
      )
      .filter(({ version }) => (version === 5) === mqtt5);
  });
}

/** Runs all cases one after the other, for some lean on what one before left behind. */
export async function runSequences(port: number, sequences: Sequence[]): Promise<Outcome> {
  const failed: Outcome['failed'] = [];
  for (const sequence of sequences) {
    const why = await runOne(port, sequence);
    if (why !== undefined) failed.push({ name: sequence.name, why });
  }
  return { total: sequences.length, passed: sequences.length - failed.length, failed };
}

async function runOne(port: number, sequence: Sequence): Promise<string | undefined> {
  const peer = await openPeer(port);
  try {
    if (sequence.connects) {
      peer.send(connectBytes(sequence.name, sequence.version));
      // what an MQTT 5 server grants besides is its own affair
      if (sequence.version === 5) await peer.take((await peer.take(2))[1] ?? 0);
      else await peer.expect(Buffer.from([0x20, 2, 0, 0]), 'CONNACK');
    }
    for (const message of sequence.messages) {
      if (message.type === 'send') peer.send(bytesOf(message.payload));
      else if (message.type === 'recv') await peer.expect(bytesOf(message.payload), message.comment ?? 'answer');
      else if (/publish$/.test(message.type)) await publishBeside(port, message);
      else throw new Error(`${message.type} is no step of packet sequences known here`);
    }
    if (sequence.closes) {
      const rest = await peer.take(1);
      return rest.length > 0 ? `still connected, got ${rest.toString('hex')}` : undefined;
    }
    peer.send(Buffer.from([0xc0, 0]));
    await peer.expect(Buffer.from([0xd0, 0]), 'PINGRESP');
    return undefined;
  } catch (thrown) {
    return (thrown as Error).message;
  } finally {
    peer.close();
  }
}

interface Peer {
  send(bytes: Buffer): void;
  /** Waits for exactly this many bytes; fewer when the connection was closed before. */
  take(count: number): Promise<Buffer>;
  expect(bytes: Buffer, what: string): Promise<void>;
  close(): void;
}

async function openPeer(port: number): Promise<Peer> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  let got = Buffer.alloc(0);
  let ended = false;
  let wake = (): void => undefined;
  socket.on('data', (data) => {
    got = Buffer.concat([got, data]);
    wake();
  });
  socket.on('close', () => {
    ended = true;
    wake();
  });
  const take = async (count: number): Promise<Buffer> => {
    const timer = setTimeout(() => wake(), TIMEOUT_MS);
    const endMs = performance.now() + TIMEOUT_MS;
    while (got.length < count && !ended) {
      if (performance.now() >= endMs) throw new Error(`no answer within ${TIMEOUT_MS} ms`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
    clearTimeout(timer);
    const taken = got.subarray(0, count);
    got = got.subarray(taken.length);
    return taken;
  };
  return {
    send: (bytes) => void socket.write(bytes),
    take,
    async expect(bytes, what) {
      const taken = await take(bytes.length);
      if (!taken.equals(bytes))
        throw new Error(`${what}: ${taken.toString('hex')} instead of ${bytes.toString('hex')}`);
    },
    close: () => socket.destroy(),
  };
}

async function publishBeside(port: number, { topic = '', payload, qos = 0, retain }: Message): Promise<void> {
  const helper = await openPeer(port);
  try {
    helper.send(connectBytes('helper', 4));
    await helper.expect(Buffer.from([0x20, 2, 0, 0]), 'CONNACK of the helper');
    const id = qos > 0 ? Buffer.from([0, 1]) : Buffer.alloc(0);
    helper.send(frame(0x30 | (qos << 1) | (retain ? 1 : 0), Buffer.concat([text(topic), id, Buffer.from(payload)])));
    if (qos === 1) await helper.expect(Buffer.from([0x40, 2, 0, 1]), 'PUBACK of the helper');
    if (qos !== 2) return;
    await helper.expect(Buffer.from([0x50, 2, 0, 1]), 'PUBREC of the helper');
    helper.send(Buffer.from([0x62, 2, 0, 1]));
    await helper.expect(Buffer.from([0x70, 2, 0, 1]), 'PUBCOMP of the helper');
  } finally {
    helper.close();
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function frame(first: number, body: Buffer): Buffer {
  const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

function connectBytes(id: string, version: number): Buffer {
  const name = version === 3 ? 'MQIsdp' : 'MQTT';
  const properties = Buffer.alloc(version === 5 ? 1 : 0);
  return frame(0x10, Buffer.concat([text(name), Buffer.from([version, 2, 0, 60]), properties, text(id)]));
}
