import { describe, expect, test } from 'vitest';
import type { CrewEvent } from '@ronde/contracts';
import { createEventIds } from './event-id.ts';
import { createOutbox, type Delivery, type Entry, type OutboxStorage } from './outbox.ts';

const newId = createEventIds();
const eventOf = (stopId: string): CrewEvent => ({
  id: newId(1_000),
  roundId: 'r1',
  roundVersion: 1,
  stopId,
  kind: 'emptied',
  deviceAt: '2026-01-05T07:00:00.000Z',
});

/** The storage port over a map; `disk` is what a restarted tablet would find. */
function storageOver(disk: Map<string, Entry>): OutboxStorage {
  return {
    load: async () => [...disk.values()],
    put: async (entries) => entries.forEach((entry) => disk.set(entry.event.id, structuredClone(entry))),
    remove: async (ids) => ids.forEach((id) => disk.delete(id)),
  };
}

/** An outbox over a server that answers as `answer` says, with time that moves by hand. */
function openOutbox(answer: (event: CrewEvent) => Delivery | Promise<Delivery>, disk = new Map<string, Entry>()) {
  let nowMs = 0;
  let timers: { atMs: number; run: () => void }[] = [];
  const sent: string[] = [];
  const delivered: string[] = [];
  const waits: number[] = [];
  const outbox = createOutbox({
    storage: storageOver(disk),
    deliver: async (event) => {
      sent.push(event.stopId);
      return answer(event);
    },
    hostMs: () => nowMs,
    random: () => 1,
    after(delayMs, run) {
      const timer = { atMs: nowMs + delayMs, run };
      waits.push(delayMs);
      timers.push(timer);
      return () => void (timers = timers.filter((one) => one !== timer));
    },
    onChange: () => undefined,
    onDelivered: (event) => delivered.push(event.stopId),
  });
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms;
    const due = timers.filter(({ atMs }) => atMs <= nowMs);
    timers = timers.filter(({ atMs }) => atMs > nowMs);
    due.forEach(({ run }) => run());
    await outbox.flush();
  };
  return { outbox, disk, sent, delivered, waits, pass };
}
const stored = ({ id }: CrewEvent): Delivery => ({ id, status: 'stored' });
const waitingOf = (outbox: { entries(): readonly Entry[] }): string[] =>
  outbox.entries().map(({ event }) => event.stopId);

describe('the outbox', () => {
  test('sends in the order things were done, one at a time', async () => {
    let underWay = 0;
    const { outbox, sent } = openOutbox(async (event) => {
      underWay += 1;
      expect(underWay).toBe(1);
      await Promise.resolve();
      underWay -= 1;
      return stored(event);
    });
    await Promise.all(['a', 'b', 'c', 'd'].map((stopId) => outbox.add([eventOf(stopId)])));
    await Promise.all([outbox.flush(), outbox.flush(), outbox.flushNow()]);
    expect(sent).toEqual(['a', 'b', 'c', 'd']);
    expect(outbox.entries()).toEqual([]);
  });

  test('keeps everything while nothing is reached, waits longer each time, and sends each once after', async () => {
    let hasReach = false;
    const { outbox, sent, waits, pass, delivered } = openOutbox((event) => (hasReach ? stored(event) : 'unreached'));
    await outbox.add([eventOf('a')]);
    for (let mark = 0; mark < 20; mark += 1) await outbox.add([eventOf(`m${mark}`)]);
    await outbox.flush();
    expect(sent).toEqual(['a']);
    for (let round = 0; round < 3; round += 1) await pass(60_000);
    expect(sent).toEqual(['a', 'a', 'a', 'a']);
    expect([...new Set(waits)].toSorted((x, y) => x - y)).toEqual([1_000, 2_000, 4_000, 8_000]);
    hasReach = true;
    await pass(60_000);
    expect(delivered).toEqual(['a', ...Array.from({ length: 20 }, (_, mark) => `m${mark}`)]);
    expect(outbox.entries()).toEqual([]);
  });

  test('an answer that was lost leads to the same event again, and "duplicate" ends it', async () => {
    const known = new Set<string>();
    let isLost = true;
    const { outbox, pass, disk } = openOutbox((event) => {
      const status = known.has(event.id) ? 'duplicate' : 'stored';
      known.add(event.id);
      if (isLost) return 'unreached';
      return { id: event.id, status };
    });
    await outbox.add([eventOf('a')]);
    await outbox.flush();
    isLost = false;
    await pass(5_000);
    expect(known.size).toBe(1);
    expect(disk.size).toBe(0);
  });

  test('survives a kill: a new outbox over the same storage sends what is left, in order', async () => {
    const first = openOutbox(() => 'unreached');
    for (const stopId of ['a', 'b', 'c']) await first.outbox.add([eventOf(stopId)]);
    await first.outbox.flush();
    first.outbox.stop();
    const second = openOutbox(stored, new Map([...first.disk].reverse()));
    await second.outbox.load();
    await second.outbox.flush();
    expect(second.sent).toEqual(['a', 'b', 'c']);
    expect(second.disk.size).toBe(0);
  });

  test('holds a mark for the time to undo; taken back, it is never sent', async () => {
    const { outbox, sent, pass, disk } = openOutbox(stored);
    const [kept, undone] = [eventOf('kept'), eventOf('undone')];
    await outbox.add([kept], 10_000);
    await outbox.add([undone], 10_000);
    await pass(9_000);
    expect(sent).toEqual([]);
    expect(await outbox.takeBack([undone.id])).toEqual([undone.id]);
    await pass(1_000);
    expect(sent).toEqual(['kept']);
    expect(disk.size).toBe(0);
  });

  test('a refused event stays for review with its fault and does not stop the ones behind it', async () => {
    const { outbox, disk } = openOutbox((event) =>
      event.stopId === 'bad'
        ? { id: event.id, status: 'rejected', fault: 'round r1 belongs to another crew' }
        : stored(event),
    );
    await outbox.add([eventOf('bad')]);
    await outbox.add([eventOf('good')]);
    await outbox.flush();
    expect(waitingOf(outbox)).toEqual(['bad']);
    expect([...disk.values()][0]?.fault).toBe('round r1 belongs to another crew');
  });

  test('a mark that cannot be kept is not shown as kept', async () => {
    const outbox = createOutbox({
      storage: {
        load: async () => [],
        put: () => Promise.reject(new Error('quota exceeded')),
        remove: async () => undefined,
      },
      deliver: async ({ id }) => ({ id, status: 'stored' }),
      hostMs: () => 0,
      random: () => 1,
      after: () => () => undefined,
      onChange: () => undefined,
      onDelivered: () => undefined,
    });
    await expect(outbox.add([eventOf('a')])).rejects.toThrow('quota exceeded');
    expect(outbox.entries()).toEqual([]);
  });
});

test('event ids sort by time of making, within one millisecond and when the clock goes back', () => {
  const make = createEventIds();
  const ids = [
    ...Array.from({ length: 5_000 }, () => make(1_767_596_400_000)),
    make(1_767_596_399_000),
    make(1_767_596_400_500),
  ];
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids.slice(0, 3))
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
