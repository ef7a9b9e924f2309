import type { Fault, Result } from '@ronde/contracts';
import type { AllConfigs } from './config.ts';

export const ROLES = ['broker', 'ingest', 'routing', 'api', 'sim'] as const;
export type RoleName = (typeof ROLES)[number];

const CORE = ['ingest', 'routing', 'api'] as const;

/** Chooses the roles to start; refuses, with every reason at once, sets that cannot work on the configured parts. */
export function chooseRoles(names: string[], { platform, ingest }: AllConfigs): Result<RoleName[]> {
  const unknown = names.filter((name) => !ROLES.includes(name as RoleName));
  if (unknown.length > 0) {
    const message = `no role ${unknown.join(', ')}; known: ${ROLES.join(', ')}`;
    return { ok: false, faults: [{ field: 'roles', code: 'CONFIG_INVALID', message }] };
  }
  const followsOther = ingest.MQTT_UPSTREAM_URL !== undefined;
  const all: RoleName[] = [
    ...(followsOther ? [] : (['broker'] as const)),
    ...CORE,
    ...(platform.DEMO ? (['sim'] as const) : []),
  ];
  const wanted = new Set<RoleName>(names.length > 0 ? (names as RoleName[]) : all);
  // the two share the one writer of the inbox
  if (wanted.has('ingest') && !followsOther) wanted.add('broker');
  const faults = [...brokerFaults(wanted, followsOther)];
  if (CORE.some((role) => !wanted.has(role))) faults.push(...sharingFaults(wanted, platform));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: ROLES.filter((role) => wanted.has(role)) };
}

function* brokerFaults(wanted: ReadonlySet<RoleName>, followsOther: boolean): Generator<Fault> {
  if (followsOther && wanted.has('broker'))
    yield impossible('roles', 'with MQTT_UPSTREAM_URL an outside broker is followed and none starts here', {
      remedy: 'leave out the role broker, or MQTT_UPSTREAM_URL',
    });
  if (followsOther && wanted.has('sim'))
    yield impossible('DEMO', 'the demo city sends to the embedded broker, which MQTT_UPSTREAM_URL leaves out', {
      remedy: 'set DEMO=off',
    });
  if (wanted.has('broker') && !wanted.has('ingest'))
    yield impossible('roles', 'broker and ingest share the one writer of the inbox', {
      remedy: 'start them in one process: npm start -- ingest',
    });
}

function* sharingFaults(wanted: ReadonlySet<RoleName>, platform: AllConfigs['platform']): Generator<Fault> {
  const missing = CORE.filter((role) => !wanted.has(role)).join(', ');
  const remedy = 'start all roles together (npm start), or give an address that processes can share';
  if (platform.BUS_URL.startsWith('memory:'))
    yield impossible('BUS_URL', `the in-process bus reaches one process only, and ${missing} would be missing here`, {
      remedy: `${remedy}: redis:// or mqtt://`,
    });
  for (const field of ['REGISTRY_URL', 'READINGS_URL'] as const) {
    if (platform[field].startsWith('sqlite:'))
      yield impossible(field, `SQLite belongs to one process, and ${missing} would run in another`, {
        remedy: `${remedy}: postgres://`,
      });
  }
  for (const field of ['SEAL_KEY', 'ADMIN_TOKEN'] as const) {
    if (platform[field] === undefined)
      yield impossible(field, 'processes that share a registry need the same one', {
        remedy: `set ${field} to the same value in each (a new key: openssl rand -hex 32)`,
      });
  }
  if (wanted.has('sim'))
    yield impossible('DEMO', 'the demo city needs all roles in one process', { remedy: 'set DEMO=off' });
}

function impossible(field: string, message: string, { remedy }: { remedy: string }): Fault {
  return { field, code: 'ROLES_IMPOSSIBLE', message, remedy };
}
