import { expect, test, vi } from 'vitest';
import type { Round } from '@ronde/contracts';
import { openFixture, START_MS } from './fixtures.ts';

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const span = { from: new Date(START_MS).toISOString(), to: new Date(START_MS + 8 * 3_600_000).toISOString() };

async function planned() {
  const fixture = await openFixture([0.97, 0.9, 0.8, 0.2]);
  const round = await vi.waitFor(async () => {
    const [found] = (await fixture.http.inject({ url: '/v1/rounds', headers: as('operator-token') })).json()
      .items as Round[];
    expect(found).toBeDefined();
    return found!;
  }, 10_000);
  return { ...fixture, round };
}

test('each route answers each role as it should', async () => {
  const { http, round } = await planned();
  const status = async (url: string, token?: string) =>
    (await http.inject({ url, ...(token && { headers: as(token) }) })).statusCode;
  expect(await status('/v1/plans')).toBe(401);
  expect(await status('/v1/plans', 'viewer-token')).toBe(200);
  expect(await status('/v1/plans', 'crew-token')).toBe(403);
  expect(await status('/v1/plans/ghost', 'viewer-token')).toBe(404);
  expect(await status(`/v1/plans/${round.planId}`, 'viewer-token')).toBe(200);
  expect(await status(`/v1/rounds/${round.id}`, 'crew-token')).toBe(200);
  expect(await status(`/v1/rounds/${round.id}`, 'other-crew-token')).toBe(404);
  expect(await status(`/v1/rounds/${round.id}`, 'stranger-token')).toBe(404);
  expect(await status(`/v1/rounds/${round.id}/versions`, 'viewer-token')).toBe(403);
  expect(await status(`/v1/rounds/${round.id}/versions`, 'operator-token')).toBe(200);
  expect(await status('/v1/crew-events', 'crew-token')).toBe(403);
  expect(await status('/v1/crew-events?roundId=r', 'operator-token')).toBe(200);
  expect(await status('/v1/assets/bin-0/forecast', 'viewer-token')).toBe(200);
  expect(await status('/v1/assets/ghost/forecast', 'viewer-token')).toBe(404);
  expect(await status('/v1/assets/bin-0/forecast', 'stranger-token')).toBe(404);
});

test('a plan that is asked for is answered at once and says where it can be followed', async () => {
  const { http } = await planned();
  const answer = await http.inject({
    method: 'POST',
    url: '/v1/plans',
    payload: { ...span, vehicleIds: ['truck-1'] },
    headers: as('operator-token'),
  });
  expect(answer.statusCode).toBe(202);
  expect(answer.json()).toMatchObject({ cause: 'request', status: 'queued', vehicleIds: ['truck-1'] });
  await vi.waitFor(async () => {
    expect(
      (await http.inject({ url: String(answer.headers.location), headers: as('viewer-token') })).json(),
    ).toMatchObject({ status: 'done' });
  }, 10_000);
  expect(
    (await http.inject({ method: 'POST', url: '/v1/plans', payload: span, headers: as('viewer-token') })).statusCode,
  ).toBe(403);
});

test('another tenant can neither plan nor report here', async () => {
  const { http, round } = await planned();
  const plan = await http.inject({ method: 'POST', url: '/v1/plans', payload: span, headers: as('stranger-token') });
  expect(plan.statusCode).toBe(404);
  const event = {
    id: '0198c0de-0000-7000-8000-000000000000',
    roundId: round.id,
    roundVersion: 1,
    stopId: round.stops[0]!.id,
    kind: 'emptied',
    deviceAt: span.from,
  };
  const report = await http.inject({
    method: 'POST',
    url: '/v1/crew-events',
    payload: event,
    headers: as('stranger-token'),
  });
  expect(report.json()).toMatchObject({ status: 'rejected' });
  expect((await http.inject({ url: `/v1/rounds/${round.id}`, headers: as('crew-token') })).json().status).toBe(
    'published',
  );
});

test('provisioning thousands of devices reads the assets not once', async () => {
  const { registry, bus, tenant } = await planned();
  const read = vi.spyOn(registry.assets, 'all');
  for (let index = 0; index < 2000; index++)
    await bus.publish('registry.changed', { tenant, kind: 'device', id: `d${index}`, deleted: false });
  for (let index = 0; index < 2000; index++)
    await bus.publish('registry.changed', { tenant, kind: 'asset', id: `a${index}`, deleted: false });
  expect(read).not.toHaveBeenCalled();
});
