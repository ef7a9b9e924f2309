import { expect, test } from 'vitest';
import { shareTestApi } from './harness.ts';

const fresh = shareTestApi();
const APP_KEY = '00112233445566778899aabbccddeeff';

async function scene() {
  const api = await fresh();
  await api.registry.integrations.put(api.tenant, {
    id: `i-${api.tenant}`,
    source: 'things-stack',
    createdAt: '2026-01-01T00:00:00Z',
    secretHash: '',
  });
  const devices = [
    {
      id: 'Bin_7',
      name: 'Quay; north',
      externalIds: { devEui: 'a84041ffff000001' },
      joinEui: '70b3d57ed0000001',
      integrationId: `i-${api.tenant}`,
    },
    { id: 'x', externalIds: { devEui: 'a84041ffff000002' } },
    { id: 'no-radio' },
  ];
  for (const device of devices)
    await api.call({ method: 'POST', url: '/v1/devices', body: { typeId: 'plain', ...device } });
  await api.call({ method: 'PUT', url: '/v1/devices/Bin_7/keys', body: { appKey: APP_KEY } });
  return api;
}

test('keys leave as a table, for admins alone', async () => {
  const api = await scene();
  const csv = await api.call({ url: '/v1/exports/keys' });
  expect(csv.text.split('\r\n')).toEqual([
    'id,typeId,name,serialNumber,devEui,joinEui,appKey,nwkKey',
    `Bin_7,plain,Quay; north,,a84041ffff000001,70b3d57ed0000001,${APP_KEY},`,
    'x,plain,,,a84041ffff000002,,,',
    '',
  ]);
  expect((await api.call({ url: '/v1/exports/keys', token: await api.tokenOf('engineer') })).status).toBe(403);
  expect((await api.call({ url: '/v1/exports' })).text).toContain('things-stack-csv');
});

test('The Things Stack takes them as CSV and as JSON', async () => {
  const api = await scene();
  const csv = await api.call({ url: '/v1/exports/keys?format=things-stack-csv&frequencyPlanId=EU_863_870' });
  expect(csv.text.split('\r\n')).toEqual([
    'id;dev_eui;join_eui;name;lorawan_version;lorawan_phy_version;frequency_plan_id;app_key;nwk_key',
    `bin-7;A84041FFFF000001;70B3D57ED0000001;"Quay; north";MAC_V1_0_3;PHY_V1_0_3_REV_A;EU_863_870;${APP_KEY.toUpperCase()};`,
    'eui-a84041ffff000002;A84041FFFF000002;0000000000000000;x;MAC_V1_0_3;PHY_V1_0_3_REV_A;EU_863_870;;',
    '',
  ]);
  const json = await api.call({ url: `/v1/exports/keys?format=things-stack-json&integrationId=i-${api.tenant}` });
  expect(
    json.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    {
      ids: { device_id: 'bin-7', dev_eui: 'A84041FFFF000001', join_eui: '70B3D57ED0000001' },
      name: 'Quay; north',
      lorawan_version: 'MAC_V1_0_3',
      lorawan_phy_version: 'PHY_V1_0_3_REV_A',
      frequency_plan_id: 'EU_863_870_TTN',
      supports_join: true,
      root_keys: { app_key: { key: APP_KEY.toUpperCase() } },
    },
  ]);
});

test('ChirpStack takes them as bodies of its API', async () => {
  const api = await scene();
  const { text } = await api.call({
    url: '/v1/exports/keys?format=chirpstack-json&applicationId=app&deviceProfileId=profile',
  });
  expect(JSON.parse(text.split('\n')[0]!)).toEqual({
    device: {
      devEui: 'a84041ffff000001',
      name: 'Quay; north',
      applicationId: 'app',
      deviceProfileId: 'profile',
      joinEui: '70b3d57ed0000001',
      tags: { rondeId: 'Bin_7', rondeType: 'plain' },
    },
    deviceKeys: { devEui: 'a84041ffff000001', nwkKey: APP_KEY },
  });
});
