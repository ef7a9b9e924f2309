import type { DeadLetter } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import type { Registry } from '@ronde/registry';
import type { Announcer } from './announce.ts';
import type { Pipeline } from './pipeline.ts';
import { frameOf } from './replay.ts';

/** Handles the frames of many dead letters again, oldest first; replaying twice stores nothing twice. */
export type LetterReplay = (
  tenant: string,
  letters: readonly DeadLetter[],
) => Promise<{ readings: number; unread: number }>;

const PAGE = 200;

export function createLetterReplay(parts: {
  inbox: Pick<Inbox, 'get'>;
  registry: Pick<Registry, 'deadLetters'>;
  pipeline: Pipeline;
  announcer: Announcer;
}): LetterReplay {
  const { inbox, registry, pipeline, announcer } = parts;
  return async (tenant, letters) => {
    const total = { readings: 0, unread: 0 };
    const inOrder = letters.toSorted((a, b) =>
      a.receivedAt < b.receivedAt ? -1 : a.receivedAt > b.receivedAt ? 1 : 0,
    );
    for (let from = 0; from < inOrder.length; from += PAGE) {
      const page = inOrder.slice(from, from + PAGE);
      const frames = await Promise.all(page.map((letter) => frameOf(tenant, letter, inbox)));
      const prepared = await pipeline.prepare(frames, { replay: {} });
      const again = new Map(prepared.ledger.deadLetters);
      // the letters are there already: they change, and are not written anew
      prepared.ledger.deadLetters.clear();
      const committed = await pipeline.commit(prepared);
      const after = page.map((letter, index): DeadLetter => {
        const still = again.get(frames[index]!.seq);
        return still ? { ...still, id: letter.id } : { ...letter, status: 'replayed' };
      });
      await registry.deadLetters.putAll(tenant, after);
      await announcer.announce(committed);
      total.readings += committed.accepted.length;
      total.unread += after.filter(({ status }) => status === 'open').length;
    }
    return total;
  };
}
