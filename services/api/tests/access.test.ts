import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Role } from '@ronde/contracts';
import { routesOf } from '@ronde/kit';
import { BIN, openTestApi } from './harness.ts';

type Api = Awaited<ReturnType<typeof openTestApi>>;
let api: Api;
beforeAll(async () => {
  api = await openTestApi({ keep: true });
});
afterAll(() => api.close());

const all: Role[] = [...ROLES];
const observers: Role[] = ['viewer', 'operator', 'engineer', 'admin'];
const staff: Role[] = ['operator', 'engineer', 'admin'];
const operators: Role[] = ['operator', 'admin'];
const engineers: Role[] = ['engineer', 'admin'];
const admins: Role[] = ['admin'];

/** Who may do what, written down apart from the code: method and path to roles; `public` needs no token. */
const MATRIX: Record<string, Role[] | 'public'> = {
  'GET /v1/assets': all,
  'GET /v1/assets/:id': all,
  'POST /v1/assets': operators,
  'PUT /v1/assets/:id': operators,
  'DELETE /v1/assets/:id': operators,
  'GET /v1/assets/:id/readings': observers,
  'GET /v1/devices/:id/readings': observers,
  'GET /v1/devices': staff,
  'GET /v1/devices/:id': staff,
  'POST /v1/devices': engineers,
  'PUT /v1/devices/:id': engineers,
  'DELETE /v1/devices/:id': engineers,
  'POST /v1/devices/:id/secret': engineers,
  'PUT /v1/devices/:id/keys': engineers,
  'GET /v1/devices/:id/keys': admins,
  'GET /v1/devices/:id/mounts': staff,
  'POST /v1/devices/:id/mount': engineers,
  'POST /v1/devices/:id/unmount': engineers,
  'POST /v1/devices/:id/swap': engineers,
  'POST /v1/devices/bulk': engineers,
  'POST /v1/device-labels': staff,
  'POST /v1/device-imports': engineers,
  'POST /v1/asset-imports': operators,
  'POST /v1/reading-imports': engineers,
  'GET /v1/imports': staff,
  'GET /v1/imports/:id': staff,
  'GET /v1/imports/:id/rows': staff,
  'DELETE /v1/imports/:id': staff,
  'GET /v1/integrations': engineers,
  'GET /v1/integrations/:id': engineers,
  'POST /v1/integrations': engineers,
  'DELETE /v1/integrations/:id': engineers,
  'GET /v1/tokens': admins,
  'POST /v1/tokens': admins,
  'DELETE /v1/tokens/:id': admins,
  'GET /v1/areas': all,
  'GET /v1/areas/:id': all,
  'POST /v1/areas': operators,
  'PUT /v1/areas/:id': operators,
  'DELETE /v1/areas/:id': operators,
  'GET /v1/depots': staff,
  'GET /v1/depots/:id': staff,
  'POST /v1/depots': operators,
  'PUT /v1/depots/:id': operators,
  'DELETE /v1/depots/:id': operators,
  'GET /v1/disposal-sites': staff,
  'GET /v1/disposal-sites/:id': staff,
  'POST /v1/disposal-sites': operators,
  'PUT /v1/disposal-sites/:id': operators,
  'DELETE /v1/disposal-sites/:id': operators,
  'GET /v1/road-closures': staff,
  'GET /v1/road-closures/:id': staff,
  'POST /v1/road-closures': operators,
  'PUT /v1/road-closures/:id': operators,
  'DELETE /v1/road-closures/:id': operators,
  'GET /v1/vehicles': [...staff, 'crew'],
  'GET /v1/vehicles/:id': [...staff, 'crew'],
  'POST /v1/vehicles': operators,
  'PUT /v1/vehicles/:id': operators,
  'DELETE /v1/vehicles/:id': operators,
  'GET /v1/crews': operators,
  'GET /v1/crews/:id': operators,
  'POST /v1/crews': operators,
  'PUT /v1/crews/:id': operators,
  'DELETE /v1/crews/:id': operators,
  'GET /v1/calendars': staff,
  'GET /v1/calendars/:id': staff,
  'POST /v1/calendars': operators,
  'PUT /v1/calendars/:id': operators,
  'DELETE /v1/calendars/:id': operators,
  'GET /v1/incidents': staff,
  'GET /v1/incidents/:id': staff,
  'PATCH /v1/incidents/:id': operators,
  'GET /v1/sensor-types': observers,
  'GET /v1/quantities': all,
  'GET /v1/me': all,
  'GET /v1/exports': observers,
  'GET /v1/exports/assets': observers,
  'GET /v1/exports/devices': staff,
  'GET /v1/exports/readings': observers,
  'GET /v1/exports/keys': admins,
  'GET /v1/openapi.json': 'public',
  'GET /v1/live': 'public',
};

/** Routes of `/v1` as the server has them, without the HEAD that goes with each GET. */
function routesOfV1(): string[] {
  return routesOf(api.http)
    .filter(({ method, url }) => method !== 'HEAD' && url.startsWith('/v1/'))
    .map(({ method, url }) => `${method} ${url}`);
}

async function call(route: string, token: string | null) {
  const [method, url] = route.split(' ') as ['GET', string];
  return api.call({ method, url: url.replace(':id', 'nothing-here'), token, ...(method !== 'GET' && { body: {} }) });
}

describe('rights', () => {
  test('the matrix names every route of the server and no other', () => {
    expect(routesOfV1().sort()).toEqual(Object.keys(MATRIX).sort());
  });

  test('a stranger gets 401 everywhere but at the public routes, whatever the body', async () => {
    for (const route of routesOfV1().filter((one) => MATRIX[one] !== 'public')) {
      for (const token of [null, 'made-up']) {
        const answer = await call(route, token);
        expect([route, answer.status, answer.body['code']]).toEqual([
          route,
          401,
          token ? 'TOKEN_UNKNOWN' : 'TOKEN_MISSING',
        ]);
      }
    }
  });

  test.each([...ROLES])('a token of role %s passes exactly where the matrix says, in both tenants', async (role) => {
    for (const tenant of ['default', 'other']) {
      const token = await api.tokenOf(role, tenant);
      for (const [route, roles] of Object.entries(MATRIX)) {
        if (roles === 'public') continue;
        const { status } = await call(route, token);
        expect([route, role, tenant, status === 403 ? 'refused' : 'passed']).toEqual([
          route,
          role,
          tenant,
          roles.includes(role) ? 'passed' : 'refused',
        ]);
        expect(status).not.toBe(401);
        expect(status).toBeLessThan(500);
      }
    }
  });

  test('what belongs to one tenant does not exist for another, in any call', async () => {
    const mine = await api.tokenOf('admin', 'default');
    const theirs = await api.tokenOf('admin', 'other');
    const at = '2026-01-05T06:00:00.000Z';
    const place = { lat: 52, lon: 5 };
    const made = [
      ['assets', { ...BIN }],
      ['devices', { id: 'dev-9', typeId: 'plain' }],
      ['integrations', { id: 'int-9', source: 'chirpstack' }],
      ['areas', { id: 'area-9', name: 'Centre' }],
      ['depots', { id: 'dep-9', name: 'North', position: place }],
      ['disposal-sites', { id: 'site-9', name: 'Port', position: place, fractions: ['residual'] }],
      ['crews', { id: 'crew-9', name: 'Early' }],
      [
        'vehicles',
        {
          id: 'veh-9',
          name: 'Nine',
          depotId: 'dep-9',
          fractions: ['residual'],
          liftTypes: ['hand'],
          capacityKg: 900,
          shifts: [{ from: '06:00', to: '14:00' }],
        },
      ],
      ['calendars', { id: 'cal-9' }],
    ] as const;
    for (const [path, body] of made) {
      const answer = await api.call({ method: 'POST', url: `/v1/${path}`, token: mine, body });
      expect(answer.status, answer.text).toBe(201);
    }
    await api.registry.incidents.put('default', {
      id: 'inc-9',
      kind: 'asset-full',
      status: 'open',
      openedAt: at,
      updatedAt: at,
      text: 'Full.',
    });
    const ids: [string, string][] = [
      ...made.map(([path, { id }]) => [path, id] as [string, string]),
      ['incidents', 'inc-9'],
      ['tokens', 'tok-default-viewer'],
    ];
    for (const [path, id] of ids) {
      for (const route of routesOfV1().filter((one) => one.includes(`/v1/${path}/:id`))) {
        const [method, url] = route.split(' ') as ['GET', string];
        const written = made.find(([one]) => one === path)?.[1];
        const body =
          path === 'incidents'
            ? { status: 'resolved' }
            : written && { ...written, assetId: BIN.id, byDeviceId: 'dev-9' };
        const answer = await api.call({
          method,
          url: url.replace(':id', id),
          token: theirs,
          ...(method !== 'GET' && body && { body }),
        });
        expect([route, answer.status]).toEqual([route, 404]);
      }
      const list = await api.call({ url: `/v1/${path}`, token: theirs });
      expect(list.text).not.toContain(`"${id}"`);
    }
    expect((await api.call({ url: '/v1/exports/assets', token: theirs })).text).not.toContain(BIN.id);
  });
});
