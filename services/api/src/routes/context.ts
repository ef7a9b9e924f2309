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

const ANNOUNCED_AT_ONCE = 100;

/** Tells other services of many changes, and lets other work in between. */
export async function announceAll(
  deps: Pick<ApiDeps, 'bus'>,
  tenant: string,
  change: { kind: RegistryKind; ids: readonly string[]; deleted?: boolean },
): Promise<void> {
  const { kind, ids, deleted = false } = change;
  for (let from = 0; from < ids.length; from += ANNOUNCED_AT_ONCE) {
    const part = ids.slice(from, from + ANNOUNCED_AT_ONCE);
    await Promise.all(part.map((id) => deps.bus.publish('registry.changed', { tenant, kind, id, deleted })));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
