import { closeSync, existsSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isRondeError, type RondeError } from '@ronde/contracts';
import { expect, test, vi } from 'vitest';
import { frameOf, opened, scratchDir, textOf } from './fixtures.ts';
import type { InboxEvent } from './open-inbox.ts';

const PAGE_BYTES = 4096;

const reasonOf = (promise: Promise<unknown>): Promise<RondeError> =>
  promise.then(
    () => expect.fail('should have been refused'),
    (thrown: unknown) => (isRondeError(thrown) ? thrown : expect.fail(String(thrown))),
  );

test('appends get ascending seqs in call order and read back as they were', async () => {
  const inbox = await opened();
  const texts = Array.from({ length: 3_000 }, (_, index) => `frame ${index}`);
  const seqs = await Promise.all(texts.map((text) => inbox.append(frameOf(text))));
  expect(seqs).toEqual(texts.map((_, index) => index + 1));
  const frames = await inbox.read(0, 5_000);
  expect(frames.map(textOf)).toEqual(texts);
  expect(frames[0]).toEqual({ ...frameOf('frame 0'), payload: expect.anything(), seq: 1 });
  expect(inbox.stats().commits).toBeLessThan(100);
});

test('a frame of an integration keeps its origin, odd texts and missing packet id', async () => {
  const inbox = await opened();
  const frame = frameOf('', {
    topic: 'application/é/😀',
    origin: { kind: 'integration', id: 'tts' },
    source: 'chirpstack',
    packetId: undefined,
    dup: undefined,
  });
  const seq = await inbox.append(frame);
  const stored = await inbox.get(seq);
  expect(stored).toMatchObject({
    topic: 'application/é/😀',
    origin: { kind: 'integration', id: 'tts' },
    source: 'chirpstack',
  });
  expect(stored).not.toHaveProperty('packetId');
  expect(stored?.payload.length).toBe(0);
});

test('reading from any cursor gives what follows it, from memory and from disk alike', async () => {
  const dir = scratchDir();
  const first = await opened({ dir });
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 300 }, (_, index) => first.append(frameOf(`${round * 300 + index + 1}`))));
  }
  const check = async (inbox: typeof first): Promise<void> => {
    for (const [after, limit] of [
      [0, 10],
      [299, 2],
      [300, 700],
      [777, 1],
      [1_490, 100],
    ] as const) {
      const texts = (await inbox.read(after, limit)).map(textOf);
      expect(texts).toEqual(
        Array.from({ length: Math.min(limit, 1_500 - after) }, (_, index) => `${after + index + 1}`),
      );
    }
    expect(await inbox.read(1_500, 10)).toEqual([]);
  };
  await check(first);
  await first.close();
  await check(await opened({ dir }));
});

test('what was erased is gone for a reader in the middle of its batch too', async () => {
  const inbox = await opened();
  await Promise.all(['a', 'b', 'c', 'd'].map((text) => inbox.append(frameOf(text))));
  expect((await inbox.read(0, 1)).map(({ seq }) => seq)).toEqual([1]);
  await inbox.erase([2, 4]);
  expect((await inbox.read(1, 10)).map(({ seq }) => seq)).toEqual([3]);
});

test('closing leaves the store in one file, with no log beside it', async () => {
  const inbox = await opened();
  await inbox.append(frameOf('a'));
  await inbox.read(0, 1);
  await inbox.close();
  expect(readdirSync(inbox.dir).sort()).toEqual(['inbox.lock', 'inbox.sqlite']);
});

test('seqs go on after a restart, also when everything was pruned', async () => {
  const dir = scratchDir();
  const first = await opened({ dir });
  await Promise.all([first.append(frameOf('a')), first.append(frameOf('b'))]);
  expect(await first.prune({ beforeMs: Infinity, maxBytes: 0, keepFromSeq: 3 })).toBe(2);
  expect(first.stats()).toMatchObject({ head: 2, tail: 3, frames: 0, bytes: 0 });
  await first.close();
  const second = await opened({ dir });
  expect(await second.append(frameOf('c'))).toBe(3);
});

test('a second inbox in the same directory is refused until the first closes', async () => {
  const dir = scratchDir();
  const first = await opened({ dir });
  expect((await reasonOf(opened({ dir }))).code).toBe('DATA_DIR_LOCKED');
  expect(await first.append(frameOf('still works'))).toBe(1);
  await first.close();
  expect((await opened({ dir })).stats().head).toBe(1);
});

test('listeners hear of a commit when its frames can be read', async () => {
  const inbox = await opened();
  const heads: number[] = [];
  const end = inbox.onCommit((head) => heads.push(head));
  await inbox.append(frameOf('a'));
  expect(heads).toEqual([1]);
  end();
  await inbox.append(frameOf('b'));
  expect(heads).toEqual([1]);
});

test('a damaged frame is skipped and reported, and later ones stay readable', async () => {
  const dir = scratchDir();
  const first = await opened({ dir });
  await Promise.all([first.append(frameOf('one')), first.append(frameOf('two')), first.append(frameOf('three'))]);
  await first.append(frameOf('four'));
  await first.close();
  const db = new DatabaseSync(join(dir, 'inbox.sqlite'));
  const blob = Buffer.from(db.prepare('SELECT blob FROM batches WHERE first_seq = 1').get()!['blob'] as Uint8Array);
  blob[blob.indexOf('two')]! ^= 1;
  db.prepare('UPDATE batches SET blob = ? WHERE first_seq = 1').run(blob);
  db.close();
  const events: InboxEvent[] = [];
  const second = await opened({ dir, onEvent: (event) => events.push(event) });
  expect((await second.read(0, 10)).map(textOf)).toEqual(['one', 'three', 'four']);
  expect(await second.get(2)).toBeUndefined();
  expect(events).toContainEqual({ name: 'inbox.frame.skip', seqs: [2] });
  expect(second.stats().corrupt).toBeGreaterThan(0);
});

test('a page that goes bad while the inbox is open costs the frames in it, and those before and behind stay readable', async () => {
  const dir = scratchDir();
  const first = await opened({ dir });
  const count = 200;
  for (let index = 1; index <= count; index++) await first.append(frameOf(`${index} `.repeat(300)));
  await first.close();
  const events: InboxEvent[] = [];
  const second = await opened({ dir, onEvent: (event) => events.push(event) });
  const file = openSync(join(dir, 'inbox.sqlite'), 'r+');
  writeSync(file, Buffer.alloc(PAGE_BYTES, 0x55), 0, PAGE_BYTES, 40 * PAGE_BYTES);
  closeSync(file);
  const seen: number[] = [];
  for (;;) {
    const frames = await second.read(seen.at(-1) ?? 0, 7);
    if (frames.length === 0) break;
    seen.push(...frames.map(({ seq }) => seq));
  }
  const skipped = events.flatMap((event) => (event.name === 'inbox.frame.skip' ? event.seqs : []));
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
  expect(skipped.length).toBeGreaterThan(0);
  expect(skipped.length).toBeLessThan(40);
  expect([...new Set([...seen, ...skipped])].sort((a, b) => a - b)).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
  expect([seen[0], seen.at(-1)]).toEqual([1, count]);
});

test('a stretch with nothing readable does not look like the end', async () => {
  const dir = scratchDir();
  const first = await opened({ dir });
  for (const text of ['one', 'two', 'three']) await first.append(frameOf(text));
  await first.close();
  const db = new DatabaseSync(join(dir, 'inbox.sqlite'));
  db.exec("UPDATE batches SET blob = x'ffffffff00' WHERE first_seq < 3");
  db.close();
  const second = await opened({ dir });
  expect((await second.read(0, 1)).map(textOf)).toEqual(['three']);
});

test('pruning drops old frames and stops at what the sink has not read', async () => {
  const inbox = await opened();
  for (let at = 1; at <= 6; at++) await inbox.append(frameOf(`${at}`, { receivedAtMs: at }));
  expect(await inbox.prune({ beforeMs: 3, maxBytes: Infinity, keepFromSeq: 7 })).toBe(2);
  expect(await inbox.prune({ beforeMs: 100, maxBytes: 0, keepFromSeq: 5 })).toBe(2);
  expect((await inbox.read(0, 10)).map(textOf)).toEqual(['5', '6']);
  expect(inbox.stats()).toMatchObject({ tail: 5, head: 6, frames: 2 });
});

test('a span gives the frames received in it, page by page', async () => {
  const inbox = await opened();
  for (let at = 1; at <= 20; at++) await inbox.append(frameOf(`${at}`, { receivedAtMs: at * 10 }));
  const first = await inbox.readSpan({ fromMs: 50, toMs: 120, limit: 4 });
  const rest = await inbox.readSpan({ fromMs: 50, toMs: 120, after: first.at(-1)!.seq, limit: 100 });
  expect([...first, ...rest].map(textOf)).toEqual(['5', '6', '7', '8', '9', '10', '11']);
  expect(await inbox.readSpan({ fromMs: 1_000, toMs: 2_000, limit: 5 })).toEqual([]);
});

test('a backup made under load opens as an inbox with everything acknowledged before it', async () => {
  const inbox = await opened();
  await Promise.all(Array.from({ length: 500 }, (_, index) => inbox.append(frameOf(`${index}`))));
  const target = scratchDir();
  const during = Promise.all(Array.from({ length: 500 }, (_, index) => inbox.append(frameOf(`${index}`))));
  await inbox.backup(join(target, 'inbox.sqlite'));
  await during;
  expect(existsSync(join(target, 'inbox.sqlite.part'))).toBe(false);
  const copy = await opened({ dir: target });
  expect(copy.stats().head).toBeGreaterThanOrEqual(500);
  expect((await copy.read(0, 500)).length).toBe(500);
});

test('appends beyond the bound on waiting bytes are refused, and accepted again after the commit', async () => {
  const inbox = await opened({ maxWaitingBytes: 4_000 });
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => inbox.append(frameOf('x'.repeat(1_000)))));
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ reason }) => isRondeError(reason, 'STORAGE_UNAVAILABLE'))).toBe(true);
  expect(await inbox.append(frameOf('later'))).toBe(20 - refused.length + 1);
  expect(inbox.stats()).toMatchObject({ waiting: 0, fault: undefined });
});

test('a full store refuses all that waits, keeps serving reads, and recovers by itself once there is room', async () => {
  const events: string[] = [];
  const inbox = await opened({ maxStoreBytes: 400_000, onEvent: ({ name }) => events.push(name) });
  const payload = 'x'.repeat(2_000);
  let stored = 0;
  const fill = async (): Promise<void> => {
    for (;;) stored = await inbox.append(frameOf(payload));
  };
  expect((await reasonOf(fill())).code).toBe('STORAGE_UNAVAILABLE');
  expect(inbox.stats().fault).toMatch(/full/);
  expect((await reasonOf(inbox.append(frameOf(payload)))).code).toBe('STORAGE_UNAVAILABLE');
  expect((await inbox.read(0, 1_000)).length).toBe(stored);
  await inbox.prune({ beforeMs: Infinity, maxBytes: 100_000, keepFromSeq: stored });
  await vi.waitFor(() => expect(inbox.stats().fault).toBeUndefined(), 10_000);
  expect(await inbox.append(frameOf('room again'))).toBe(stored + 1);
  expect(events).toEqual(['inbox.write.refuse', 'inbox.write.recover']);
});

test('a directory that cannot be made is a clear refusal', async () => {
  const reason = await reasonOf(opened({ dir: '/dev/null/inbox' }));
  expect(reason.code).toBe('STORAGE_UNAVAILABLE');
  expect(reason.message).toContain('/dev/null/inbox');
});

test('a file that is no database is reported as damage, never overwritten', async () => {
  const dir = scratchDir();
  const { writeFileSync, readFileSync } = await import('node:fs');
  writeFileSync(join(dir, 'inbox.sqlite'), 'x'.repeat(8_192));
  expect((await reasonOf(opened({ dir }))).code).toBe('STORE_CORRUPT');
  expect(readFileSync(join(dir, 'inbox.sqlite'), 'utf8')).toBe('x'.repeat(8_192));
});

test('two readers that go on in steps of their own get every frame once, in order', async () => {
  const inbox = await opened();
  const appended = Array.from({ length: 2_500 }, (_, index) => inbox.append(frameOf(`${index}`)));
  await Promise.all(appended);
  const readers = [
    { limit: 7, after: 0, seen: [] as string[] },
    { limit: 900, after: 0, seen: [] as string[] },
  ];
  for (let rounds = 0; rounds < 400; rounds++) {
    for (const reader of readers) {
      const frames = await inbox.read(reader.after, reader.limit);
      expect(frames.length).toBeLessThanOrEqual(reader.limit);
      reader.after = frames.at(-1)?.seq ?? reader.after;
      reader.seen.push(...frames.map((frame) => textOf(frame)!));
    }
  }
  const all = Array.from({ length: 2_500 }, (_, index) => `${index}`);
  expect(readers.map(({ seen }) => seen)).toEqual([all, all]);
});

test('a commit waits as long as it is told, and what comes meanwhile shares it', async () => {
  const inbox = await opened();
  const taken: number[] = [];
  inbox.pace({ waitMs: () => 50, taken: (frames) => taken.push(frames) });
  const first = inbox.append(frameOf('first'));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const others = Array.from({ length: 10 }, (_, index) => inbox.append(frameOf(`other ${index}`)));
  expect(await Promise.all([first, ...others])).toEqual(Array.from({ length: 11 }, (_, index) => index + 1));
  expect(taken).toEqual([11]);
  expect(inbox.stats().commits).toBe(1);
  await inbox.append(frameOf('last'));
  expect(taken).toEqual([11, 1]);
  inbox.pace();
  await inbox.append(frameOf('at once'));
  expect(taken).toEqual([11, 1]);
});
