import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startRonde, type RondeProcess } from './platform-process.ts';

/** Makes a folder that lasts as long as the test. */
export function emptyDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-fault-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Starts a platform that ends with the test. */
export async function ronde(
  dataDir = emptyDir(),
  env: Record<string, string> = {},
  prefix: readonly string[] = [],
): Promise<RondeProcess> {
  const running = await startRonde({ dataDir, env, prefix });
  onTestFinished(async () => void (await running.kill()));
  return running;
}
