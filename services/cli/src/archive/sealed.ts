import { openRegistry, type Registry } from '@ronde/registry';
import { createSealer, sealContext, silentLog } from '@ronde/kit';
import { findSealKey, type AllConfigs } from '@ronde/run';
import { isRondeError } from '@ronde/contracts';

/**
 * Whether the device and network keys of a registry can be read here: it holds none, they open, there is no seal key,
 * or it is another one than they were sealed with.
 */
export type SealedState = 'none' | 'opens' | 'key-missing' | 'key-other';

/** Tells whether sealed keys can be read, by opening one. */
export async function sealedState(
  platform: Pick<AllConfigs['platform'], 'DATA_DIR' | 'SEAL_KEY' | 'TENANT' | 'REGISTRY_URL'>,
): Promise<SealedState> {
  const { DATA_DIR, SEAL_KEY, TENANT, REGISTRY_URL } = platform;
  const registry = await openRegistry(REGISTRY_URL, { dataDir: DATA_DIR, log: silentLog() });
  try {
    const one = await anySealed(registry, TENANT);
    if (!one) return 'none';
    const key = findSealKey(DATA_DIR, SEAL_KEY);
    if (!key) return 'key-missing';
    createSealer(key).open(one.sealed, one.context);
    return 'opens';
  } catch (error) {
    if (isRondeError(error, 'STORE_CORRUPT')) return 'key-other';
    throw error;
  } finally {
    await registry.close();
  }
}

async function anySealed(
  { devices, integrations }: Registry,
  tenant: string,
): Promise<{ sealed: string; context: string } | undefined> {
  for (const { id, api, follow } of await integrations.all(tenant)) {
    if (api?.keySealed !== undefined) return { sealed: api.keySealed, context: sealContext.integration(id) };
    if (follow?.keySealed !== undefined) return { sealed: follow.keySealed, context: sealContext.follow(id) };
  }
  for (const { id, keysSealed } of await devices.all(tenant))
    if (keysSealed !== undefined) return { sealed: keysSealed, context: sealContext.device(id) };
  return undefined;
}

/** Says what a person must know about the seal key after a restore; empty when all is well. */
export function sealedAdvice(state: SealedState, dataDir: string): string[] {
  const what = 'the LoRaWAN and network keys in this archive are encrypted, and';
  const mend = `put the seal-key of the Ronde that was backed up into ${dataDir}, or set SEAL_KEY, before you start`;
  if (state === 'key-missing') return [`Warning: ${what} there is no seal-key here to read them with; ${mend}.`];
  if (state === 'key-other') return [`Warning: ${what} the seal-key here does not open them; ${mend}.`];
  return [];
}
