import { expect, onTestFinished, test, vi } from 'vitest';
import type { Bus } from './port.ts';

/** Runs the promises of the port against an adapter. */
export function describeBus(name: string, open: () => Promise<Bus>): void {
  const opened = async (): Promise<Bus> => {
    const bus = await open();
    onTestFinished(() => bus.close());
    return bus;
  };
  const change = (id: string) => ({ tenant: 't', kind: 'asset', id, deleted: false }) as const;

  test(`${name}: handlers see events in publishing order`, async () => {
    const bus = await opened();
    const seen: string[] = [];
    bus.on('registry.changed', ({ id }) => void seen.push(id));
    for (const id of ['a', 'b', 'c']) await bus.publish('registry.changed', change(id));
    await vi.waitFor(() => expect(seen).toEqual(['a', 'b', 'c']));
  });

  test(`${name}: publishing waits for handlers that take time`, async () => {
    const bus = await opened();
    let handled = false;
    bus.on('registry.changed', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      handled = true;
    });
    await bus.publish('registry.changed', change('a'));
    expect(handled).toBe(true);
  });

  test(`${name}: a handler that fails stops nobody else`, async () => {
    const bus = await opened();
    const seen: string[] = [];
    bus.on('registry.changed', () => {
      throw new Error('planted');
    });
    bus.on('registry.changed', ({ id }) => void seen.push(id));
    await bus.publish('registry.changed', change('a'));
    await vi.waitFor(() => expect(seen).toEqual(['a']));
  });

  test(`${name}: an ended subscription hears nothing more`, async () => {
    const bus = await opened();
    const seen: string[] = [];
    const end = bus.on('registry.changed', ({ id }) => void seen.push(id));
    end();
    await bus.publish('registry.changed', change('a'));
    expect(seen).toEqual([]);
  });
}

/** Runs the promises between processes: buses of one channel, as several processes have them. */
export function describeSharedBus(
  name: string,
  channel: { open(): Promise<Bus>; interrupt(): Promise<void>; skip?: boolean },
): void {
  const WAIT = { timeout: 20_000, interval: 20 };
  const opened = async (): Promise<Bus> => {
    const bus = await channel.open();
    onTestFinished(() => bus.close());
    return bus;
  };
  const change = (id: string) => ({ tenant: 't', kind: 'asset', id, deleted: false }) as const;
  const follow = (bus: Bus): string[] => {
    const seen: string[] = [];
    bus.on('registry.changed', ({ id }) => void seen.push(id));
    return seen;
  };
  const testWith = test.skipIf(channel.skip ?? false);

  testWith(`${name}: events reach every process once and in order, the own ones without a detour`, async () => {
    const [a, b] = [await opened(), await opened()];
    const [atA, atB] = [follow(a), follow(b)];
    const ids = Array.from({ length: 300 }, (_, index) => `n${index}`);
    for (const id of ids) {
      await a.publish('registry.changed', change(id));
      expect(atA.at(-1)).toBe(id);
    }
    await vi.waitFor(() => expect(atB).toEqual(ids), WAIT);
    expect(atA).toEqual(ids);
  });

  testWith(`${name}: an event of megabytes passes`, async () => {
    const [a, b] = [await opened(), await opened()];
    const seen = follow(b);
    const long = 'x'.repeat(3_000_000);
    await a.publish('registry.changed', change(long));
    await vi.waitFor(() => expect(seen).toEqual([long]), WAIT);
  });

  testWith(`${name}: after an interruption each process hears of the gap, and events flow again`, async () => {
    const [a, b] = [await opened(), await opened()];
    const seen = follow(b);
    let gaps = 0;
    b.onGap(() => void (gaps += 1));
    await a.publish('registry.changed', change('before'));
    await vi.waitFor(() => expect(seen).toEqual(['before']), WAIT);
    expect(gaps).toBe(0);
    await channel.interrupt();
    await vi.waitFor(() => expect(gaps).toBeGreaterThan(0), WAIT);
    await vi.waitFor(async () => {
      await a.publish('registry.changed', change('after'));
      expect(seen).toContain('after');
    }, WAIT);
    await vi.waitFor(() => expect([a.health(), b.health()]).toEqual([{ ok: true }, { ok: true }]), WAIT);
  });
}
