import { expect, test } from 'vitest';
import { shareTestApi, type TestApi } from './harness.ts';

const fresh = shareTestApi();
const read = (api: TestApi, text: string, token?: string) =>
  api.call({ method: 'POST', url: '/v1/device-labels', body: { text }, ...(token !== undefined && { token }) });

test('a label leads to the device that is registered, or was heard from', async () => {
  const api = await fresh();
  const code = 'LW:D0:24E124C0002A0001:24E124136D456789:02590259:S6136B12345670001';
  const before = await read(api, code);
  expect(before.body).toEqual({
    label: {
      form: 'tr005',
      joinEui: '24e124c0002a0001',
      devEui: '24e124136d456789',
      vendorId: 601,
      profileId: 601,
      serialNumber: '6136B12345670001',
      vendor: { slug: 'milesight', name: 'Milesight' },
    },
    suggestedTypeIds: [],
  });
  const heard = {
    id: 'things-stack-24e124136d456789',
    source: 'things-stack' as const,
    name: '24e124136d456789',
    nameKind: 'devEui' as const,
    firstSeenAt: '2026-01-05T06:00:00.000Z',
    lastSeenAt: '2026-01-05T06:00:00.000Z',
    uplinks: 1,
    rssi: null,
    snr: null,
    samples: [],
    suggestedTypeIds: [],
  };
  await api.registry.unknownDevices.put(api.tenant, heard);
  expect((await read(api, code)).body['unknownDevice']).toMatchObject({ id: heard.id });
  await api.call({
    method: 'POST',
    url: '/v1/devices',
    body: { id: 'd1', typeId: 'plain', externalIds: { devEui: '24E124136D456789' } },
  });
  const known = await read(api, '24e124136d456789', await api.tokenOf('operator'));
  expect(known.body).toMatchObject({ device: { id: 'd1', status: 'in-stock' }, suggestedTypeIds: ['plain'] });
  expect(known.body['unknownDevice']).toBeUndefined();
});

test('a label that says nothing is refused with what is wrong', async () => {
  const api = await fresh();
  const answer = await read(api, 'LW:D0:11:22:33');
  expect([answer.status, (answer.body['errors'] as unknown as { field: string }[]).map(({ field }) => field)]).toEqual([
    400,
    ['joinEui', 'devEui', 'profileId'],
  ]);
});
