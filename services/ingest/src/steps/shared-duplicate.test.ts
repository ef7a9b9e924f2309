import { expect, test } from 'vitest';
import type { StoredFrame } from '@ronde/contracts';
import { createTimekeeper, latticeOf } from './clock.ts';
import { createSeenUplinks, dropDuplicates, keysToKeep, type SeenUplinks } from './duplicate.ts';
import type { Identified } from './item.ts';
import { openLedger } from './ledger.ts';

const NOW = Date.UTC(2026, 0, 5, 6);

/** A message of an own device without counter and time: only its packet id tells copies apart. */
function untimed(over: Partial<StoredFrame>): Identified {
  const payload = Buffer.from('{"fill":0.5}');
  const frame: StoredFrame = {
    seq: 1,
    tenant: 't',
    source: 'native',
    topic: 'v1/t/bin-1/up',
    receivedAtMs: NOW,
    origin: { kind: 'device', id: 'bin-1' },
    payload,
    packetId: 77,
    dup: false,
    ...over,
  };
  const values = [{ quantity: 'fill', value: 0.5 }] as const;
  const uplink = { source: 'native', device: { deviceId: 'bin-1' }, session: '', fCnt: null, fPort: null } as const;
  return {
    frame,
    uplinkId: String(frame.seq),
    device: { id: 'bin-1', typeId: 'plain', createdAt: '', secretHash: '' },
    uplink: { ...uplink, bytes: null, values: [...values], atMs: null, radio: null },
  } as Identified;
}

/** Workers over one store of keys, each with a memory of its own. */
function workers(count: number): { handle(worker: number, item: Identified): Promise<boolean> } {
  const kept = new Set<string>();
  const store = {
    uplinkKeysSince: async () => [],
    knownUplinkKeys: async (keys: string[]) => new Set(keys.filter((key) => kept.has(key))),
  };
  const seen: SeenUplinks[] = Array.from({ length: count }, () => createSeenUplinks(store, { isShared: true }));
  return {
    async handle(worker, item) {
      const fresh = await dropDuplicates([item], {
        ledger: openLedger(),
        seen: seen[worker]!,
        breathe: () => undefined,
      });
      for (const { key } of fresh) {
        const keys = keysToKeep(item, key);
        for (const one of keys) kept.add(one.key);
        seen[worker]!.add(keys);
      }
      return fresh.length === 1;
    },
  };
}

test('a message that came again to another worker is stored once, whichever copy is handled first', async () => {
  const first = untimed({ seq: 1 });
  const again = untimed({ seq: 2 ** 40, dup: true, receivedAtMs: NOW + 12_000 });
  const inOrder = workers(2);
  expect(await inOrder.handle(0, first)).toBe(true);
  expect(await inOrder.handle(1, again)).toBe(false);
  // the first worker died between its commit and its acknowledgement, and reads its inbox after the other was done
  const reversed = workers(2);
  expect(await reversed.handle(1, again)).toBe(true);
  expect(await reversed.handle(0, first)).toBe(false);
});

test('copies on both sides of a ten-minute mark are still copies', async () => {
  const markMs = Math.ceil(NOW / 600_000) * 600_000;
  const { handle } = workers(2);
  expect(await handle(0, untimed({ receivedAtMs: markMs - 1 }))).toBe(true);
  expect(await handle(1, untimed({ receivedAtMs: markMs + 1, dup: true }))).toBe(false);
});

test('the same value under a packet id that came round is a new measurement', async () => {
  const { handle } = workers(2);
  expect(await handle(0, untimed({ seq: 1 }))).toBe(true);
  expect(await handle(1, untimed({ seq: 2, receivedAtMs: NOW + 60_000 }))).toBe(true);
  expect(await handle(0, untimed({ seq: 3, receivedAtMs: NOW + 3_600_000, dup: true }))).toBe(true);
});

test('two workers never give two messages of one device the same time', () => {
  const store = { series: async () => ({ items: [] }) };
  const [a, b] = [0, 1].map((worker) => createTimekeeper(store, null, latticeOf(worker)));
  const times = Array.from({ length: 200 }, (_, index) => NOW + Math.floor(index / 4));
  const given = times.flatMap((receivedAtMs) => [a!.take('bin-1', receivedAtMs), b!.take('bin-1', receivedAtMs)]);
  expect(new Set(given).size).toBe(given.length);
  expect(Math.min(...given)).toBeGreaterThanOrEqual(NOW);
});
