import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { quantityOf, type Reading } from '@ronde/contracts';
import type { ReadingsStore } from './port.ts';

/** How a suite opens the adapter under test: the same directory gives the same store. */
export type OpenReadings = (directory: string) => Promise<ReadingsStore>;
/** Opens a store that closes when the test ends. */
export type Opened = (directory?: string) => Promise<ReadingsStore>;

export const T0 = Date.UTC(2026, 0, 5, 6);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** Makes a reading of fill, `minutes` after Monday 06:00 UTC. */
export function testReading(minutes: number, value: number | null, more: Partial<Reading> = {}): Reading {
  const quantity = more.quantity ?? 'fill';
  const at = new Date(T0 + minutes * MINUTE_MS).toISOString();
  return {
    at,
    receivedAt: at,
    deviceId: 'd',
    assetId: 'a',
    quantity,
    value,
    unit: quantityOf(quantity).unit,
    quality: 'ok',
    flags: [],
    typeVersion: 'plain@1.0.0',
    uplinkId: '1',
    ...more,
  };
}

/** Makes a directory that goes when the test ends. */
export function testDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ronde-readings-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Gives every reading of a query, page by page. */
export async function allPages(
  store: ReadingsStore,
  query: Partial<Parameters<ReadingsStore['series']>[0]>,
): Promise<Reading[]> {
  const items: Reading[] = [];
  let after: string | undefined;
  do {
    const page = await store.series({
      tenant: 't',
      fromMs: 0,
      toMs: 8e15,
      limit: 1_000,
      ...query,
      ...(after !== undefined && { after }),
    });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}
