import { statSync } from 'node:fs';
import { join } from 'node:path';

/** Files in the order in which a first start makes them, each durable before the next one is begun. */
const FILES = ['registry.sqlite', 'readings.sqlite', 'inbox/inbox.sqlite'];

/**
 * Names the files of a data directory that are gone or empty although a store that is made later holds something: they were
 * taken away, since a start that was cut off leaves none like that. To be asked before the stores are opened, which makes
 * them anew.
 * @param isUsed whether this platform keeps that store in the directory
 */
export function lostStores(dataDir: string, isUsed: { registry: boolean; readings: boolean }): string[] {
  const isFull = FILES.map((file) => sizeOf(join(dataDir, file)) > 0);
  const used = [isUsed.registry, isUsed.readings, false];
  return FILES.filter((_, place) => used[place] && !isFull[place] && isFull.slice(place + 1).some(Boolean));
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
