import type { Fault, Result } from '@ronde/contracts';

export const ROLES = ['broker', 'ingest', 'routing', 'api', 'sim'] as const;
export type RoleName = (typeof ROLES)[number];

const CORE = ['broker', 'ingest', 'routing', 'api'] as const;

/** Chooses the roles to start; refuses sets that cannot work on an in-process bus. */
export function chooseRoles(names: string[], options: { demo: boolean; busUrl: string }): Result<RoleName[]> {
  const unknown = names.filter((name) => !ROLES.includes(name as RoleName));
  if (unknown.length > 0) {
    const message = `no role ${unknown.join(', ')}; known: ${ROLES.join(', ')}`;
    return { ok: false, faults: [{ field: 'roles', code: 'CONFIG_INVALID', message }] };
  }
  const wanted: RoleName[] =
    names.length > 0 ? (names as RoleName[]) : [...CORE, ...(options.demo ? (['sim'] as const) : [])];
  const missing = CORE.filter((role) => !wanted.includes(role));
  if (missing.length > 0 && options.busUrl === 'memory:') {
    const fault: Fault = {
      field: 'BUS_URL',
      code: 'ROLES_IMPOSSIBLE',
      message: `the in-process bus reaches one process only, and ${missing.join(', ')} would be missing here`,
      remedy: 'start all roles together (npm start), or give BUS_URL and REGISTRY_URL that processes can share',
    };
    return { ok: false, faults: [fault] };
  }
  return { ok: true, value: ROLES.filter((role) => wanted.includes(role)) };
}
