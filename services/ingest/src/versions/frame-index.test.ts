import { expect, onTestFinished, test } from 'vitest';
import type { StoredFrame, UplinkHeard } from '@ronde/contracts';
import { openInbox, type Inbox } from '@ronde/inbox';
import { temporaryDir } from '../fixtures.ts';
import type { Identified } from '../steps/item.ts';
import { createFrameIndex } from './frame-index.ts';

/** An inbox in which the topic of a frame names its sensor type. */
async function filled(count: number, typeOf: (seq: number) => string): Promise<Inbox> {
  const inbox = await openInbox({ dir: await temporaryDir() });
  onTestFinished(() => inbox.close());
  const origin = { kind: 'device', id: 'd' } as const;
  const frame = { tenant: 't', source: 'native', receivedAtMs: 0, origin, payload: new Uint8Array() } as const;
  await Promise.all(Array.from({ length: count }, (_, n) => inbox.append({ ...frame, topic: typeOf(n + 1) })));
  return inbox;
}

function indexOf(inbox: Inbox) {
  const asked: number[] = [];
  const identify = async (frames: readonly StoredFrame[]): Promise<Identified[]> => {
    asked.push(...frames.map(({ seq }) => seq));
    return frames.map(
      (frame) => ({ frame, uplinkId: String(frame.seq), device: { id: 'd', typeId: frame.topic } }) as Identified,
    );
  };
  return { index: createFrameIndex({ inbox, identify }), asked };
}
const seqs = ({ items }: { items: Identified[] }): number[] => items.map(({ frame }) => frame.seq);
const heard = (typeId: string, seq: number) => [{ typeId, uplinkId: String(seq) } as UplinkHeard];

test('the newest frames of a type are found backwards, oldest first, and the search says how far it went', async () => {
  const { index } = indexOf(await filled(2_000, (seq) => (seq % 10 === 0 ? 'rare' : 'common')));
  const some = await index.newest('t', 'rare', { wanted: 50 });
  expect(seqs(some)).toEqual(Array.from({ length: 50 }, (_, n) => 1_510 + n * 10));
  expect(some).toMatchObject({ scanned: 500, shortBecause: null });
  const all = await index.newest('t', 'rare', { wanted: 1_000 });
  expect(all.items).toHaveLength(200);
  expect(all).toMatchObject({ scanned: 1_500, shortBecause: 'inbox-end' });
  expect(await index.newest('t', 'nobody', { wanted: 1 })).toMatchObject({
    items: [],
    scanned: 0,
    shortBecause: 'inbox-end',
  });
  expect(await index.newest('other', 'rare', { wanted: 5 })).toMatchObject({ items: [] });
});

test('what was handled since the start needs no search, and what lies before it is found once', async () => {
  const inbox = await filled(600, (seq) => (seq > 500 ? 'live' : 'past'));
  const { index, asked } = indexOf(inbox);
  for (let seq = 501; seq <= 600; seq += 1) index.note(heard('live', seq));
  expect(seqs(await index.newest('t', 'live', { wanted: 100 }))).toEqual(
    Array.from({ length: 100 }, (_, n) => 501 + n),
  );
  expect(Math.min(...asked)).toBe(501);
  expect(seqs(await index.newest('t', 'past', { wanted: 3 }))).toEqual([498, 499, 500]);
  asked.length = 0;
  await index.newest('t', 'past', { wanted: 200 });
  expect(asked.filter((seq) => seq <= 500)).toHaveLength(200);
});

test('a frame that a search met before it was handled counts once', async () => {
  const { index } = indexOf(await filled(20, () => 'one'));
  await index.newest('t', 'one', { wanted: 5 });
  for (let seq = 1; seq <= 20; seq += 1) index.note(heard('one', seq));
  expect(seqs(await index.newest('t', 'one', { wanted: 1_000 }))).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
});
