import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { generate, parser as createParser, type IConnackPacket, type ISubackPacket, type Packet } from 'mqtt-packet';
import { createAcknowledger } from './acknowledger.ts';
import { createFraming, readHead } from './framing.ts';
import { refusalOf, shareRefusal, subscriptionRefusal, type Refusal } from './refusals.ts';

/** A message of the outside broker; `payload` is cut where it is longer than what is taken. */
export interface UpstreamMessage {
  topic: string;
  payload: Buffer;
  payloadBytes: number;
  qos: number;
  retain: boolean;
  dup: boolean;
  messageId: number | undefined;
}

export interface Upstream {
  host: string;
  port: number;
  /** Present for mqtts. */
  tls?: ConnectionOptions | undefined;
  username?: string | undefined;
  password?: string | undefined;
  filters: readonly string[];
  /** Group of a shared subscription; none = every follower gets everything. */
  share?: string | undefined;
}

export interface SessionOptions {
  upstream: Upstream;
  clientId: string;
  version: 4 | 5;
  /** The configuration, not a guess, says that the broker speaks this version. */
  isVersionGiven: boolean;
  keepaliveS: number;
  /** How long the broker shall keep the session while we are away; MQTT 3.1.1 brokers decide themselves. */
  sessionExpiryS: number;
  maxInFlight: number;
  /** QoS 2 messages that are kept and not yet released; lives as long as the broker's session. */
  unreleased: Set<number>;
  /** Resolves when the message is durable; a rejection ends the connection, and the broker sends it again. */
  take(message: UpstreamMessage): Promise<unknown>;
  onReady(ready: { sessionPresent: boolean }): void;
  onEnd(end: SessionEnd): void;
}

/** Why a connection ended. */
export interface SessionEnd {
  reason: string;
  refusal?: Refusal | undefined;
  /** Nothing of MQTT came back: the broker may not speak this version. */
  isUnanswered: boolean;
}

/** One connection to the outside broker. */
export interface Session {
  inFlight(): number;
  /** Takes no more messages, waits until those in hand are acknowledged, and takes leave; the session stays. */
  leave(): Promise<void>;
  destroy(reason: string): void;
}

const ANSWER_MS = 15_000;
const MOST_BYTES_IN_FLIGHT = 8 * 1024 * 1024;
const SUBSCRIBE_ID = 1;
const REFUSED = 0x80;

/** Connects, subscribes with a session that outlives the connection, and acknowledges what `take` has made durable. */
export function openSession(options: SessionOptions): Session {
  const { upstream, version, unreleased } = options;
  const protocol = { protocolVersion: version };
  const socket = openSocket(upstream);
  const parser = createParser(protocol);
  let keepaliveS = options.keepaliveS;
  let heardMs = performance.now();
  let isAnswered = false;
  let isReady = false;
  let isLeaving = false;
  let hasEnded = false;
  let pinging: NodeJS.Timeout | undefined;

  const end = (reason: string, refusal?: Refusal): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(answerTimer);
    clearInterval(pinging);
    socket.destroy();
    options.onEnd({ reason, refusal, isUnanswered: !isAnswered });
  };
  const refuse = (refusal: Refusal): void => end(refusal.reason, refusal);
  const send = (packet: Packet): void => {
    try {
      if (!hasEnded) socket.write(generate(packet, protocol));
    } catch (thrown) {
      end(`this cannot be said in MQTT: ${(thrown as Error).message}`);
    }
  };
  const acks = createAcknowledger({
    write: (bytes) => void (!hasEnded && socket.write(bytes)),
    onFail: (thrown) =>
      end(`a message could not be kept: ${thrown instanceof Error ? thrown.message : String(thrown)}`),
    onFlush: () => isPausedWrongly() && socket.resume(),
  });
  const isFull = (): boolean => acks.inFlight() >= options.maxInFlight || acks.inFlightBytes() >= MOST_BYTES_IN_FLIGHT;
  const isPausedWrongly = (): boolean => !hasEnded && socket.isPaused() && !isFull();
  const answerTimer = setTimeout(() => end(`no answer within ${ANSWER_MS / 1000} s`), ANSWER_MS);

  const onMessage = (message: UpstreamMessage): void => {
    if (isLeaving) return;
    const { qos, messageId, payload } = message;
    // [MQTT-4.3.3]: the same id again before its PUBREL is the same message
    const isAgain = qos === 2 && messageId !== undefined && unreleased.has(messageId);
    const kept = isAgain ? Promise.resolve() : options.take(message);
    if (qos === 2 && !isAgain)
      void kept.then(
        () => unreleased.add(messageId!),
        () => undefined,
      );
    acks.add({ qos, messageId, bytes: payload.length }, kept);
    if (isFull()) socket.pause();
  };
  const onConnack = (packet: IConnackPacket): void => {
    const code = (version === 5 ? packet.reasonCode : packet.returnCode) ?? 0;
    if (code !== 0) return refuse(refusalOf(code, version));
    if (upstream.share) {
      const isOffered =
        version === 5 ? packet.properties?.sharedSubscriptionAvailable !== false : options.isVersionGiven;
      if (!isOffered) return refuse(shareRefusal(version));
    }
    keepaliveS = packet.properties?.serverKeepAlive ?? keepaliveS;
    pinging = setInterval(ping, (keepaliveS * 1000) / 2);
    if (!packet.sessionPresent) unreleased.clear();
    options.onReady({ sessionPresent: packet.sessionPresent });
    send(subscribeTo(upstream, version));
  };
  const onSuback = (packet: ISubackPacket): void => {
    const codes = packet.granted as number[];
    const bad = codes.findIndex((code) => code >= REFUSED);
    if (bad >= 0) return refuse(subscriptionRefusal(upstream.filters[bad] ?? '', codes[bad]!, version));
    isReady = true;
    clearTimeout(answerTimer);
  };
  const ping = (): void => {
    if (performance.now() - heardMs > keepaliveS * 1500 && !socket.isPaused())
      return end('the broker has fallen silent');
    send({ cmd: 'pingreq' });
  };
  const onPacket = (packet: Packet): void => {
    isAnswered = true;
    switch (packet.cmd) {
      case 'publish': {
        const { topic, qos, retain, dup, messageId } = packet;
        const payload = packet.payload as Buffer;
        return onMessage({ topic, payload, payloadBytes: payload.length, qos, retain, dup, messageId });
      }
      case 'pubrel':
        unreleased.delete(packet.messageId!);
        return send({ cmd: 'pubcomp', messageId: packet.messageId! });
      case 'connack':
        return onConnack(packet);
      case 'suback':
        return onSuback(packet);
      case 'disconnect':
        return refuse(refusalOf(packet.reasonCode ?? 0, version));
      default:
        return undefined;
    }
  };
  parser.on('packet', onPacket);
  parser.on('error', (error: Error) => end(`the broker sent what is no MQTT: ${error.message}`));
  const framing = createFraming({
    onPackets: (bytes) => void parser.parse(bytes),
    onHead: (head, bodyBytes) => onMessage(readHead(head, bodyBytes, version)),
  });

  socket.on('data', (chunk: Buffer) => {
    heardMs = performance.now();
    try {
      framing.push(chunk);
    } catch (thrown) {
      end(`the broker sent what cannot be read: ${(thrown as Error).message}`);
    }
  });
  socket.once('error', (error: NodeJS.ErrnoException) =>
    end(error.code ? `${error.code}: ${error.message}` : error.message),
  );
  socket.once('close', () => end('the broker closed the connection'));
  socket.once(upstream.tls ? 'secureConnect' : 'connect', () => send(connectPacket(options)));

  return {
    inFlight: () => acks.inFlight(),
    async leave() {
      isLeaving = true;
      if (isReady && !hasEnded) await acks.drained();
      send({ cmd: 'disconnect', ...(version === 5 && { reasonCode: 0 }) });
      if (!hasEnded)
        await new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          socket.end(resolve);
        });
      end('we left');
    },
    destroy: (reason) => end(reason),
  };
}

function openSocket({ host, port, tls }: Upstream): Socket {
  return tls ? connectTls({ host, port, ...tls }) : connectTcp({ host, port, noDelay: true });
}

function connectPacket(options: SessionOptions): Packet {
  const { upstream, version, clientId, keepaliveS, sessionExpiryS, maxInFlight } = options;
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: version,
    clientId,
    clean: false,
    keepalive: keepaliveS,
    ...(upstream.username !== undefined && { username: upstream.username }),
    ...(upstream.password !== undefined && { password: Buffer.from(upstream.password) }),
    ...(version === 5 && { properties: { sessionExpiryInterval: sessionExpiryS, receiveMaximum: maxInFlight } }),
  };
}

function subscribeTo({ filters, share }: Upstream, version: 4 | 5): Packet {
  return {
    cmd: 'subscribe',
    messageId: SUBSCRIBE_ID,
    subscriptions: filters.map((filter) => ({
      topic: share ? `$share/${share}/${filter}` : filter,
      qos: 1,
      // "do not send retained messages": they are old copies of what came before
      ...(version === 5 && { nl: false, rap: false, rh: 2 }),
    })),
  };
}
