import type { Frame } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import type { Clock } from '@ronde/kit';
import { denyPublish, type Denial, type Session } from './access.ts';
import { createBucket } from './limits.ts';
import type { BrokerMetrics } from './metrics.ts';
import { REASON } from './mqtt5.ts';

export interface PublishingDeps {
  inbox: Pick<Inbox, 'append'>;
  metrics: BrokerMetrics;
  clock: Clock;
  nowMs: () => number;
  ratePerS: number | undefined;
}

/** Counts publishes between arrival and acknowledgement, so that a stop can wait for them. */
export interface InFlight {
  count: number;
  stopping: boolean;
}

/** A message as a client sent it. */
export interface Publish {
  topic: string;
  payload: Buffer;
  qos: number;
  retain?: boolean;
  dup?: boolean;
  messageId?: number;
}
export interface Publishing {
  /** Tells why a message may not be published; undefined when it may, and then it counts against the client's rate. */
  deny(session: Session | undefined, publish: Publish): Denial | undefined;
  /** Counts a denial, and gives the error that ends the connection. */
  refuse(denial: Denial): Error;
  /** Resolves when all of a session's messages are durable; rejects with the error that ends the connection. */
  store(session: Session, publishes: readonly [Publish, ...Publish[]]): Promise<void>;
}

/** Why a message was denied, as a client of MQTT 5 reads it. */
const REASON_OF: Record<Denial, number> = {
  'system-topic': REASON.notAuthorised,
  'topic-foreign': REASON.notAuthorised,
  'no-session': REASON.notAuthorised,
  retain: REASON.retain,
  'qos-2': REASON.qos,
  'topic-characters': REASON.topic,
  'payload-size': REASON.size,
  'personal-data': REASON.payload,
  rate: REASON.rate,
  stopping: REASON.stopping,
};

/** Makes what stands between a PUBLISH and its PUBACK: may it be published, and is it durable. */
export function createPublishing(deps: PublishingDeps, inFlight: InFlight): Publishing {
  const { inbox, metrics, clock, nowMs } = deps;
  const buckets = new WeakMap<Session, { take(): boolean }>();
  const overRate = (session: Session): boolean => {
    if (!deps.ratePerS || session.kind !== 'device') return false;
    const bucket = buckets.get(session) ?? createBucket(deps.ratePerS, nowMs);
    buckets.set(session, bucket);
    return !bucket.take();
  };
  return {
    deny(session, publish) {
      if (!session) return 'no-session';
      if (inFlight.stopping) return 'stopping';
      return denyPublish(session, publish) ?? (overRate(session) ? 'rate' : undefined);
    },
    refuse(denial) {
      metrics.publishes.inc({ outcome: 'denied' });
      metrics.denials.inc({ what: 'publish', reason: denial });
      return Object.assign(new Error(`PUBLISH denied: ${denial}`), { reasonCode: REASON_OF[denial] });
    },
    async store(session, publishes) {
      const count = publishes.length;
      const startedMs = nowMs();
      const receivedAtMs = clock.nowMs();
      inFlight.count += count;
      try {
        await inbox.append(...(publishes.map((one) => frameOf(session, one, receivedAtMs)) as [Frame, ...Frame[]]));
        metrics.publishes.inc({ outcome: 'accepted' }, count);
        metrics.commit.observe((nowMs() - startedMs) / 1_000);
      } catch (thrown) {
        metrics.publishes.inc({ outcome: 'unavailable' }, count);
        throw Object.assign(thrown as Error, { reasonCode: REASON.busy });
      } finally {
        inFlight.count -= count;
      }
    },
  };
}

function frameOf(session: Session, publish: Publish, receivedAtMs: number): Frame {
  return {
    tenant: session.tenant,
    source: session.source,
    topic: publish.topic,
    receivedAtMs,
    origin: { kind: session.kind, id: session.id },
    payload: publish.payload,
    packetId: publish.messageId,
    dup: publish.dup ?? false,
  };
}
