import { expect, test } from 'vitest';
import { shareTestApi } from './harness.ts';

const fresh = shareTestApi();

test('the exports are listed with their formats and where to get them', async () => {
  const api = await fresh();
  const answer = await api.call({ url: '/v1/exports' });
  expect([answer.status, answer.body['items']]).toEqual([
    200,
    [
      { id: 'assets', href: '/v1/exports/assets', formats: ['csv', 'jsonl', 'xlsx', 'geojson'] },
      { id: 'devices', href: '/v1/exports/devices', formats: ['csv', 'jsonl', 'xlsx'] },
      { id: 'readings', href: '/v1/exports/readings', formats: ['csv', 'jsonl', 'xlsx'] },
      expect.objectContaining({ id: 'keys', href: '/v1/exports/keys' }),
    ],
  ]);
  const seen = await api.call({ url: '/v1/exports', token: await api.tokenOf('viewer') });
  expect((seen.body['items'] as unknown as { id: string }[]).map(({ id }) => id)).toEqual(['assets', 'readings']);
});

test('sensor types are walked page by page, and a limit out of bounds is named', async () => {
  const api = await fresh();
  const first = await api.call({ url: '/v1/sensor-types?limit=1' });
  expect([first.body['items'], first.body['next']]).toEqual([[expect.objectContaining({ id: 'lean' })], 'lean']);
  const second = await api.call({ url: '/v1/sensor-types?limit=1&cursor=lean' });
  expect([second.body['items'], second.body['next']]).toEqual([[expect.objectContaining({ id: 'plain' })], undefined]);
  const refused = await api.call({ url: '/v1/sensor-types?limit=0' });
  expect([refused.status, refused.body['errors']]).toEqual([400, [expect.objectContaining({ field: 'limit' })]]);
});

test('a devEUI written in upper case, as on the label, is kept in lower case', async () => {
  const api = await fresh();
  const body = { id: 'dev-upper', typeId: 'plain', externalIds: { devEui: 'A84041FFFF0000AB' } };
  const made = await api.call({ method: 'POST', url: '/v1/devices', body });
  expect([made.status, made.body['externalIds']], made.text).toEqual([201, { devEui: 'a84041ffff0000ab' }]);
});
