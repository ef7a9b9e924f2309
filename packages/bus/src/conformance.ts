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
