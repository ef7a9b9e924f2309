import { parseUplinkTopic, type DeadLetter, type StoredFrame } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import type { Registry } from '@ronde/registry';
import type { Announcer } from './announce.ts';
import type { Pipeline } from './pipeline.ts';
import { deadLetterId, seqOfLetter } from './steps/ledger.ts';

export interface LetterParts {
  inbox: Pick<Inbox, 'get'>;
  registry: Pick<Registry, 'deadLetters'>;
  pipeline: Pipeline;
  announcer: Announcer;
}

/** Handles the frames of many dead letters again, oldest first; replaying twice stores nothing twice. */
export type LetterReplay = (
  tenant: string,
  letters: readonly DeadLetter[],
) => Promise<{ readings: number; unread: number }>;

const PAGE = 200;

export function createLetterReplay(parts: LetterParts): LetterReplay {
  return async (tenant, letters) => {
    const total = { readings: 0, unread: 0 };
    const inOrder = letters.toSorted((a, b) =>
      a.receivedAt < b.receivedAt ? -1 : a.receivedAt > b.receivedAt ? 1 : 0,
    );
    for (const page of pagesOf(inOrder)) {
      const { after, readings } = await replayPage(parts, tenant, page);
      total.readings += readings;
      total.unread += after.filter(({ status }) => status === 'open').length;
    }
    return total;
  };
}

/** Parts letters so that no page has two frames of one number, as a lost inbox and the one begun anew give them. */
function* pagesOf(letters: readonly DeadLetter[]): Generator<DeadLetter[]> {
  let page = new Map<number, DeadLetter>();
  for (const letter of letters) {
    const seq = seqOfLetter(letter.id);
    if (page.size === PAGE || page.has(seq)) {
      yield [...page.values()];
      page = new Map();
    }
    page.set(seq, letter);
  }
  if (page.size > 0) yield [...page.values()];
}

/** Handles the frames of some letters, all of different numbers, as one batch. @returns the letters as they stand after it, in the same order */
export async function replayPage(
  { inbox, registry, pipeline, announcer }: LetterParts,
  tenant: string,
  letters: readonly DeadLetter[],
): Promise<{ after: DeadLetter[]; readings: number }> {
  const frames = await Promise.all(letters.map((letter) => frameOf(tenant, letter, inbox)));
  const prepared = await pipeline.prepare(frames, { replay: {} });
  const again = new Map(prepared.ledger.deadLetters);
  // the letters are there already: they change, and are not written anew
  prepared.ledger.deadLetters.clear();
  const committed = await pipeline.commit(prepared);
  const after = letters.map((letter, index): DeadLetter => {
    const still = again.get(frames[index]!.seq);
    return still ? { ...still, id: letter.id } : { ...letter, status: 'replayed' };
  });
  await registry.deadLetters.putAll(tenant, after);
  await announcer.announce(committed);
  return { after, readings: committed.accepted.length };
}

/** Gives the frame of a dead letter: from the inbox, or rebuilt from the letter where the inbox has dropped it. */
async function frameOf(tenant: string, letter: DeadLetter, inbox: Pick<Inbox, 'get'>): Promise<StoredFrame> {
  const seq = seqOfLetter(letter.id) || 0;
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
