import { connect } from 'node:net';

/*
 * Sessions of damaged MQTT against a broker on loopback: valid packets whose bytes are changed, cut, doubled, put together in any
 * order, before and after a login, in pieces. A seed repeats a run. What is asked of the broker is to go on.
 */
export interface FuzzOptions {
  port: number;
  sessions: number;
  seed: number;
  /** Logins that work: their CONNECT, to be damaged too. */
  logins: Buffer[];
  parallel?: number;
}
const SESSION_MS = 2_000;

/** A small generator of random numbers (mulberry32): the same seed gives the same sessions. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
/** PUBLISH of QoS 0, 1, 2, SUBSCRIBE, UNSUBSCRIBE, PUBACK, PUBREL, PINGREQ, DISCONNECT, CONNECT of 3.1, 3.1.1 and 5. */
const SEEDS = [
  '30 07 0003 612F62 7878',
  '32 09 0003 612F62 0001 7878',
  '34 09 0003 612F62 0002 7878',
  '82 08 0001 0003 612F62 01',
  'A2 07 0001 0003 612F62',
  '40 02 0001',
  '62 02 0001',
  'C0 00',
  'E0 00',
  '10 0F 0006 4D5149736470 03 02 000A 0001 70',
  '10 0D 0004 4D515454 04 02 000A 0001 70',
  '10 10 0004 4D515454 05 02 000A 02 2101 0001 70',
  // with the properties of MQTT 5: PUBLISH with alias, by alias, SUBSCRIBE, UNSUBSCRIBE, PUBACK, DISCONNECT
  '32 11 0003 612F62 0001 07 23 0001 26 0001 61 0000 78',
  '32 09 0000 0001 03 23 0001 78',
  '82 09 0001 00 0003 612F62 01',
  'A2 08 0001 00 0003 612F62',
  '40 04 0001 10 00',
  'E0 07 00 05 11 00000000',
].map(hex);

function session(random: () => number, logins: Buffer[]): Buffer[] {
  const below = (limit: number): number => Math.floor(random() * limit);
  const damage = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    for (let count = below(4); count > 0; count--) copy[below(copy.length)] = below(256);
    const kind = below(8);
    if (kind === 0) return copy.subarray(0, below(copy.length));
    if (kind === 1) return Buffer.concat([copy, copy.subarray(0, below(copy.length))]);
    if (kind === 2) return Buffer.concat([copy, Buffer.from(Array.from({ length: below(40) }, () => below(256)))]);
    return copy;
  };
  const packets = Array.from({ length: 1 + below(6) }, () => damage(SEEDS[below(SEEDS.length)]!));
  const login = logins[below(logins.length)]!;
  const opening = below(4);
  if (opening < 2) packets.unshift(login);
  if (opening === 2) packets.unshift(damage(login));
  return packets;
}

/** Sends one session in pieces and leaves; tells whether the broker closed it in time. */
async function play(port: number, packets: Buffer[], from: string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => undefined).resume();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  for (const packet of packets) {
    const at = packet.length >> 1;
    socket.write(packet.subarray(0, at));
    socket.write(packet.subarray(at));
  }
  socket.end();
  const timer = setTimeout(() => socket.destroy(), SESSION_MS);
  await closed;
  clearTimeout(timer);
}

/** Plays the sessions, some at the same time, from many loopback addresses: one has too few ports for so many. */
export async function fuzz({ port, sessions, seed, logins, parallel = 20 }: FuzzOptions): Promise<number> {
  const random = randomOf(seed);
  let played = 0;
  const lane = async (): Promise<void> => {
    while (played < sessions) {
      played += 1;
      await play(port, session(random, logins), `127.0.0.${2 + (played % 200)}`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return played;
}
