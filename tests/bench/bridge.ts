import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import { openInbox, type Inbox } from '@ronde/inbox';
import { follow, routeMessage, upstreamOf } from '@ronde/ingest';
import { findMosquitto, startMosquitto, type Mosquitto } from '../fixtures/mosquitto.ts';

/*
 * Messages a second from a real Mosquitto into the durable inbox: our consumer, which acknowledges in groups after the commit,
 * beside mqtt.js, which handles and acknowledges one message after the other. Each drains the same queue of messages that
 * waited for it, so that the publisher takes no part in it; they take turns.
 */
const MESSAGES = 30_000;
const ONE_BY_ONE = 3_000;
const ROUNDS = 3;
const FILTER = 'v1/default/+/up';
const FOLLOWING = { id: 'upstream', tenant: 'default' };
const LOADER = fileURLToPath(new URL('./_fill-queue.ts', import.meta.url));

type Drain = (broker: Mosquitto, inbox: Inbox, count: number) => Promise<void>;

const inGroups: Drain = async (broker, inbox, count) => {
  let stored = 0;
  await new Promise<void>((resolve) => {
    const follower = follow({
      upstream: upstreamOf({ url: broker.url, filters: [FILTER] }),
      clientId: 'bench',
      protocol: 5,
      keepaliveS: 30,
      sessionExpiryS: 600,
      maxInFlight: 1_000,
      random: Math.random,
      async take(message) {
        const frame = routeMessage(message, FOLLOWING, Date.now());
        if (typeof frame === 'string') throw new Error(frame);
        await inbox.append(frame);
        if (++stored === count) setImmediate(() => void follower.stop().then(resolve));
      },
    });
  });
};

const oneByOne: Drain = async (broker, inbox, count) => {
  let stored = 0;
  await new Promise<void>((resolve) => {
    const client = mqtt.connect(broker.url, {
      clientId: 'bench',
      clean: false,
      protocolVersion: 5,
      properties: { sessionExpiryInterval: 600, receiveMaximum: 1_000 },
    });
    // the one hook that can hold a PUBACK back; the next message waits for its callback
    client.handleMessage = (packet, callback) => {
      const payload = packet.payload as Buffer;
      const { topic, qos, retain, dup, messageId } = packet;
      const message = { topic, payload, payloadBytes: payload.length, qos, retain, dup, messageId };
      const frame = routeMessage(message, FOLLOWING, Date.now());
      if (typeof frame === 'string') return callback(new Error(frame));
      void inbox.append(frame).then(() => {
        callback();
        if (++stored === count) setImmediate(() => client.end(false, {}, () => resolve()));
      });
    };
  });
};

async function measure(program: string, drain: Drain, count: number): Promise<{ perS: number; cpuUs: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-bench-bridge-'));
  const broker = await startMosquitto(program);
  const inbox = await openInbox({ dir });
  try {
    // a session of its own, filled while nobody is there
    const first = await mqtt.connectAsync(broker.url, {
      clientId: 'bench',
      clean: false,
      protocolVersion: 5,
      properties: { sessionExpiryInterval: 600 },
    });
    await first.subscribeAsync(FILTER, { qos: 1 });
    await first.endAsync();
    await fill(broker.port, count);
    const cpu = process.cpuUsage();
    const startMs = performance.now();
    await drain(broker, inbox, count);
    const tookMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(cpu);
    if (inbox.stats().head !== count) throw new Error(`${inbox.stats().head} of ${count} messages are in the inbox`);
    return { perS: Math.round((count * 1000) / tookMs), cpuUs: Math.round((user + system) / count) };
  } finally {
    await inbox.close();
    await broker.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

function fill(port: number, count: number): Promise<void> {
  const loader = spawn(process.execPath, [LOADER, String(port), String(count)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) =>
    loader.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the loader ended with ${code}`)))),
  );
}

/** Measures durable messages a second from Mosquitto: in groups beside one by one. */
export async function run(): Promise<object> {
  const program = findMosquitto();
  if (!program) return { skipped: 'no Mosquitto here' };
  const rounds: { inGroups: { perS: number; cpuUs: number }; oneByOne: { perS: number; cpuUs: number } }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      inGroups: await measure(program, inGroups, MESSAGES),
      oneByOne: await measure(program, oneByOne, ONE_BY_ONE),
    });
  }
  const median = (pick: (round: (typeof rounds)[number]) => number): number =>
    rounds.map(pick).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
  const perS = median((round) => round.inGroups.perS);
  const oneByOnePerS = median((round) => round.oneByOne.perS);
  return { perS, oneByOnePerS, ratio: Math.round((perS / oneByOnePerS) * 10) / 10, rounds };
}
