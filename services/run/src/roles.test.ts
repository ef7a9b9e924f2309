import { expect, test } from 'vitest';
import { readAll, type AllConfigs } from './config.ts';
import { chooseRoles } from './roles.ts';

const SHARED = {
  DEMO: 'off',
  BUS_URL: 'redis://bus',
  REGISTRY_URL: 'postgres://db/ronde',
  READINGS_URL: 'postgres://db/ronde',
  SEAL_KEY: '0123456789abcdef'.repeat(4),
  ADMIN_TOKEN: 'admin-token-of-the-tests',
};

function choose(names: string[], env: Record<string, string>) {
  const read = readAll(env);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return chooseRoles(names, read.value satisfies AllConfigs);
}

test('without names every role starts, the demo with them; an outside broker takes the place of ours', () => {
  expect(choose([], {})).toEqual({ ok: true, value: ['broker', 'ingest', 'routing', 'api', 'sim'] });
  expect(choose([], { DEMO: 'off', MQTT_UPSTREAM_URL: 'mqtt://broker' })).toEqual({
    ok: true,
    value: ['ingest', 'routing', 'api'],
  });
});

test('a role on its own starts on shared parts; ingest brings the broker that shares its inbox', () => {
  expect(choose(['api'], SHARED)).toEqual({ ok: true, value: ['api'] });
  expect(choose(['ingest'], SHARED)).toEqual({ ok: true, value: ['broker', 'ingest'] });
  expect(choose(['ingest'], { ...SHARED, MQTT_UPSTREAM_URL: 'mqtt://broker' })).toEqual({
    ok: true,
    value: ['ingest'],
  });
});

test.each([
  [['api'], { DEMO: 'off' }, ['ADMIN_TOKEN', 'BUS_URL', 'READINGS_URL', 'REGISTRY_URL', 'SEAL_KEY']],
  [['broker'], SHARED, ['roles']],
  [['broker', 'ingest'], { ...SHARED, MQTT_UPSTREAM_URL: 'mqtt://broker' }, ['roles']],
  [[], { MQTT_UPSTREAM_URL: 'mqtt://broker' }, ['DEMO']],
  [['api', 'sim'], SHARED, ['DEMO']],
])('%j with %o is refused with every reason at once', (names, env, fields) => {
  const chosen = choose(names, env as Record<string, string>);
  if (chosen.ok) throw new Error('it was accepted');
  expect(chosen.faults.map(({ field }) => field).sort()).toEqual(fields);
  expect(chosen.faults.every(({ remedy }) => remedy)).toBe(true);
});
