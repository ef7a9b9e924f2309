import { RondeError, parseUplinkTopic, type DeadLetter, type ReplayResult, type StoredFrame } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import type { Registry } from '@ronde/registry';
import type { Announcer } from './announce.ts';
import type { Pipeline } from './pipeline.ts';
import { deadLetterId } from './steps/ledger.ts';

export interface Replayer {
  /**
   * Handles the frame of a dead letter again; replaying twice stores nothing twice.
   * @throws RondeError RESOURCE_UNKNOWN
   */
  deadLetter(tenant: string, id: string): Promise<ReplayResult>;
}

export interface ReplayParts {
  inbox: Pick<Inbox, 'get'>;
  registry: Pick<Registry, 'deadLetters'>;
  pipeline: Pipeline;
  announcer: Announcer;
}

export function createReplayer(parts: ReplayParts): Replayer {
  const { inbox, registry, pipeline, announcer } = parts;

  async function deadLetter(tenant: string, id: string): Promise<ReplayResult> {
    const letter = await registry.deadLetters.get(tenant, id);
    if (!letter) throw new RondeError('RESOURCE_UNKNOWN', `no dead letter ${id}`);
    const frame = await frameOf(tenant, letter, inbox);
    const prepared = await pipeline.prepare([frame], { replay: {} });
    const again = prepared.ledger.deadLetters.get(frame.seq);
    prepared.ledger.deadLetters.clear();
    const committed = await pipeline.commit(prepared);
    await registry.deadLetters.put(tenant, again ? { ...again, id } : { ...letter, status: 'replayed' });
    await announcer.announce(committed);
    const readings = committed.accepted.length;
    return again
      ? { id, status: 'open', readings, code: again.code, reason: again.reason }
      : { id, status: 'replayed', readings };
  }

  return { deadLetter };
}

/** Gives the frame of a dead letter: from the inbox, or rebuilt from the letter where the inbox has dropped it. */
export async function frameOf(tenant: string, letter: DeadLetter, inbox: Pick<Inbox, 'get'>): Promise<StoredFrame> {
  const seq = Number(/^dl-(\d+)-/.exec(letter.id)?.[1] ?? 0);
  const kept = await inbox.get(seq);
  if (kept && kept.tenant === tenant && deadLetterId(kept) === letter.id) return kept;
  const own = letter.source === 'native' ? parseUplinkTopic(letter.topic)?.deviceId : undefined;
  return {
    seq,
    tenant,
    source: letter.source,
    topic: letter.topic,
    receivedAtMs: Date.parse(letter.receivedAt),
    origin: own === undefined ? { kind: 'integration', id: 'replay' } : { kind: 'device', id: own },
    payload: new Uint8Array(Buffer.from(letter.rawBase64, 'base64')),
  };
}
