import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Finds a file of the public data set that lies beside a checkout; undefined when it is absent. */
export function sharedData(path: string): string | undefined {
  const found = fileURLToPath(new URL(`../../shared/data/${path}`, import.meta.url));
  return existsSync(found) ? found : undefined;
}
