import type { RegistryKind } from '@ronde/contracts';
import type { ApiDeps } from '../deps.ts';
import type { States } from '../states.ts';

/** What a file of routes gets. */
export interface RouteDeps extends ApiDeps {
  states: States;
}

/** Tells other services of a change; resolves when they have taken it in, so that "usable when answered" holds. */
export async function announce(
  deps: ApiDeps,
  tenant: string,
  change: { kind: RegistryKind; id: string; deleted?: boolean },
): Promise<void> {
  await deps.bus.publish('registry.changed', {
    tenant,
    kind: change.kind,
    id: change.id,
    deleted: change.deleted ?? false,
  });
}
