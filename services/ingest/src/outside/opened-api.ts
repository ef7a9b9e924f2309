import type { IntegrationRecord, NetworkApi } from '@ronde/contracts';
import { sealContext, type Sealer } from '@ronde/kit';

/** Gives how to call an integration's network, its key opened; undefined when the integration says nothing of it. */
export function openedApi({ id, api }: IntegrationRecord, sealer: Sealer): NetworkApi | undefined {
  if (!api) return undefined;
  const { keySealed, ...rest } = api;
  return { ...rest, ...(keySealed !== undefined && { key: sealer.open(keySealed, sealContext.integration(id)) }) };
}

/** Gives a URL without the slash at its end. */
export function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}
