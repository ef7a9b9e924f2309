import { describe, expect, test, vi } from 'vitest';
import type { Import, ImportRow, ImportUndone } from '@ronde/contracts';
import { readSheet } from 'read-excel-file/node';
import { xlsxOf } from '../src/xlsx.ts';
import { BIN, shareTestApi, type TestApi } from './harness.ts';

const fresh = shareTestApi();

type Kind = 'device' | 'asset' | 'reading';

async function upload(
  api: TestApi,
  kind: Kind,
  file: string | Buffer,
  options: { query?: string; type?: string; key?: string } = {},
) {
  const { query = '', type = 'text/csv', key } = options;
  const answer = await api.http.inject({
    method: 'POST',
    url: `/v1/${kind}-imports${query}`,
    payload: file,
    headers: {
      authorization: `Bearer ${api.token}`,
      'content-type': type,
      ...(key !== undefined && { 'idempotency-key': key }),
    },
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.json<Record<string, unknown>>(),
    text: answer.payload,
  };
}

/** Sends a file and waits for its end. */
async function done(
  api: TestApi,
  kind: Kind,
  file: string | Buffer,
  query = '',
): Promise<{ state: Import; rows: ImportRow[] }> {
  const sent = await upload(api, kind, file, { query });
  expect(sent.status, sent.text).toBe(202);
  const { id } = sent.body as unknown as Import;
  expect(sent.headers['location']).toBe(`/v1/imports/${id}`);
  const read = async () => (await api.call({ url: `/v1/imports/${id}` })).body as unknown as Import;
  await vi.waitFor(async () => expect((await read()).status).not.toBe('running'), { timeout: 20_000 });
  const rows = (await api.call({ url: `/v1/imports/${id}/rows?limit=1000` })).body['items'] as unknown as ImportRow[];
  return { state: await read(), rows };
}
const undo = async (api: TestApi, id: string) => {
  const answer = await api.call({ method: 'DELETE', url: `/v1/imports/${id}` });
  return { status: answer.status, text: answer.text, result: answer.body as unknown as ImportUndone };
};
const outcomes = (rows: ImportRow[]) => rows.map(({ outcome }) => outcome);
const device = (api: TestApi, id: string) => api.registry.devices.get(api.tenant, id);

async function scene(): Promise<TestApi> {
  const api = await fresh();
  for (const id of ['bin-1', 'bin-2']) await api.call({ method: 'POST', url: '/v1/assets', body: { ...BIN, id } });
  return api;
}

const HEADER =
  'id;typeId;externalIds.devEui;assetId;mounting.emptyDistanceM;mounting.fullDistanceM;keys.appKey;tags;serialNumber';
const KEY = '00112233445566778899aabbccddeeff';
const FILE = `${HEADER}
d1;plain;A84041FFFF000001;bin-1;1,5;0,3;${KEY};north|new;SN1
d2;plain;A84041FFFF000002;bin-2;2;0;;;SN2
`;

describe('devices from CSV', () => {
  test('a file of a Dutch spreadsheet makes devices with keys, stays and secrets; nothing is told twice', async () => {
    const api = await scene();
    const { state, rows } = await done(api, 'device', `\ufeff${FILE}`);
    expect(state).toMatchObject({
      status: 'done',
      kind: 'devices',
      dryRun: false,
      total: 2,
      handled: 2,
      created: 2,
      refused: 0,
    });
    expect(rows).toMatchObject([
      { row: 1, id: 'd1', outcome: 'created', errors: [], secret: expect.stringMatching(/^[\w-]{32}$/) },
      { row: 2, id: 'd2', outcome: 'created' },
    ]);
    const again = (await api.call({ url: `/v1/imports/${state.id}/rows` })).text;
    expect(again).not.toContain('secret');
    expect((await api.call({ url: '/v1/devices/d1' })).body).toMatchObject({
      status: 'installed',
      assetId: 'bin-1',
      externalIds: { devEui: 'a84041ffff000001' },
      mounting: { emptyDistanceM: 1.5, fullDistanceM: 0.3 },
      tags: ['north', 'new'],
      hasKeys: true,
    });
    expect((await api.call({ url: '/v1/devices/d1/keys' })).body).toEqual({ appKey: KEY });
    expect(JSON.stringify(await api.registry.importRows.all(api.tenant))).not.toContain(KEY);
  });

  test('the same file again changes nothing, one changed cell changes one device', async () => {
    const api = await scene();
    await done(api, 'device', FILE);
    const before = await device(api, 'd1');
    const again = await done(api, 'device', FILE);
    expect([outcomes(again.rows), again.state.unchanged]).toEqual([['unchanged', 'unchanged'], 2]);
    expect(await device(api, 'd1')).toEqual(before);
    const changed = await done(api, 'device', FILE.replace('SN2', 'SN3'));
    expect(outcomes(changed.rows)).toEqual(['unchanged', 'updated']);
    expect(await device(api, 'd2')).toMatchObject({ serialNumber: 'SN3', assetId: 'bin-2' });
  });

  test('hexadecimal that looks like a power of ten is no rounded number', async () => {
    const api = await scene();
    const file = 'id,type,devEUI,appKey\nd1,plain,00000000000000e1,000000000000000000000000000001e5\n';
    expect(outcomes((await done(api, 'device', file)).rows)).toEqual(['created']);
  });

  test('a dry run tells the same and changes nothing', async () => {
    const api = await scene();
    const { state, rows } = await done(api, 'device', FILE, '?dryRun=true');
    expect([state.dryRun, outcomes(rows)]).toEqual([true, ['created', 'created']]);
    expect(rows.every(({ secret }) => secret === undefined)).toBe(true);
    expect(await api.registry.devices.count(api.tenant)).toBe(0);
    expect((await undo(api, state.id)).text).toContain('dry run');
  });

  test('columns that a file lacks and empty cells leave a device as it is; another asset is a move', async () => {
    const api = await scene();
    await done(api, 'device', FILE);
    const { rows } = await done(api, 'device', 'devEUI,asset,name\na84041ffff000001,bin-2,Quay\nA84041FFFF000002,,\n');
    expect(rows).toMatchObject([
      { id: 'd1', outcome: 'updated' },
      { id: 'd2', outcome: 'unchanged' },
    ]);
    expect(await device(api, 'd1')).toMatchObject({ name: 'Quay', assetId: 'bin-2', serialNumber: 'SN1' });
    expect((await device(api, 'd1'))?.mounting).toBeUndefined();
    expect((await device(api, 'd1'))?.mounts).toMatchObject([
      { assetId: 'bin-1', to: expect.any(String) },
      { assetId: 'bin-2', to: null },
    ]);
  });

  test('every fault of every row is told, repeats inside the file name the earlier row, good rows go through', async () => {
    const api = await scene();
    await api.call({
      method: 'POST',
      url: '/v1/devices',
      body: { id: 'other', typeId: 'plain', externalIds: { devEui: 'a84041ffff0000ff' } },
    });
    const file = `${HEADER}
d1;plain;A84041FFFF000001;bin-1;1,5;0,3;;;
d1;plain;A84041FFFF000001;bin-2;;;;;
-x;no-type;xyz;no-bin;far;0,3;12;;
d4;plain;A84041FFFF0000FF;;;;;;
d5;plain;1,23457E+15;;;;;;
d6;;;;1;2;;;
d7;plain;;;;;;;
`;
    const { state, rows } = await done(api, 'device', file);
    expect(state).toMatchObject({ created: 2, refused: 5 });
    const fields = rows.map(({ errors }) => errors.map(({ field }) => field).sort());
    expect(fields).toEqual([
      [],
      ['externalIds.devEui', 'id'],
      ['externalIds.devEui', 'id', 'keys.appKey', 'mounting.emptyDistanceM'],
      ['externalIds.devEui'],
      ['externalIds.devEui'],
      ['mounting.emptyDistanceM', 'typeId'],
      [],
    ]);
    expect(rows[1]!.errors[0]!.message).toContain('row 1');
    expect(rows[4]!.errors[0]!.remedy).toContain('format the column as text');
    const refused = await api.call({ url: `/v1/imports/${state.id}/rows?outcome=refused&limit=2` });
    expect((refused.body['items'] as unknown as ImportRow[]).map(({ row }) => row)).toEqual([2, 3]);
    expect(refused.body['next']).toBeDefined();
  });

  test('friendly headings, tabs, a delimiter line, Windows letters and names of types are understood', async () => {
    const api = await scene();
    const tabs = 'DevEUI\tApp Key\tType\tAsset\tNaam\na84041ffff000001\t' + `${KEY}\tPLAIN\tbin-1\tQuay\n`;
    expect(outcomes((await done(api, 'device', tabs)).rows)).toEqual(['created']);
    expect(await device(api, 'a84041ffff000001')).toMatchObject({ typeId: 'plain', name: 'Quay' });
    const windows = Buffer.from('sep=;\r\nid;type;name;colour\r\nd2;lean;Caf\xe9;red\r\n', 'latin1');
    const { state, rows } = await done(api, 'device', windows);
    expect([outcomes(rows), state.warnings]).toEqual([['created'], [expect.stringContaining('colour')]]);
    expect(await device(api, 'd2')).toMatchObject({ name: 'Café', typeId: 'lean' });
  });

  test("The Things Stack's own list of devices is taken as it is", async () => {
    const api = await scene();
    const file = `id;dev_eui;join_eui;name;frequency_plan_id;app_key\nd1;A84041FFFF000001;70B3D57ED0000001;Bin;EU_863_870_TTN;${KEY}\n`;
    const { rows } = await done(api, 'device', file.replace('id;', 'id;type;').replace('\nd1;', '\nd1;plain;'));
    expect(outcomes(rows)).toEqual(['created']);
    expect(await device(api, 'd1')).toMatchObject({ joinEui: '70b3d57ed0000001' });
  });

  test('another device that measures the same at a place is let in with a warning', async () => {
    const api = await scene();
    await api.call({ method: 'POST', url: '/v1/devices', body: { id: 'first', typeId: 'plain', assetId: 'bin-1' } });
    const { rows } = await done(api, 'device', 'id,type,asset\nd1,plain,bin-1\n');
    expect(rows).toMatchObject([{ outcome: 'created', warnings: [expect.stringContaining('first measures')] }]);
  });

  test('a device id of another tenant refuses its row alone', async () => {
    const api = await scene();
    await api.registry.devices.put('elsewhere', {
      id: 'theirs',
      typeId: 'plain',
      createdAt: '2026-01-01T00:00:00Z',
      secretHash: '',
    });
    const { rows } = await done(api, 'device', 'id,type\nd1,plain\ntheirs,plain\nd3,plain\n');
    expect(outcomes(rows)).toEqual(['created', 'refused', 'created']);
    await api.registry.devices.delete('elsewhere', 'theirs');
  });
});

describe('undo', () => {
  test('what was made goes, what was changed comes back as it was', async () => {
    const api = await scene();
    await api.call({
      method: 'POST',
      url: '/v1/devices',
      body: { id: 'd1', typeId: 'plain', name: 'before', assetId: 'bin-1' },
    });
    const before = await device(api, 'd1');
    const { state } = await done(api, 'device', FILE);
    expect(state).toMatchObject({ created: 1, updated: 1 });
    const heard: [string, boolean][] = [];
    api.deps.bus.on('registry.changed', ({ id, deleted }) => void heard.push([id, deleted]));
    expect((await undo(api, state.id)).result).toEqual({ id: state.id, removed: 1, restored: 1, kept: [] });
    expect(await device(api, 'd1')).toEqual(before);
    expect(await device(api, 'd2')).toBeUndefined();
    expect(heard).toEqual([
      ['d2', true],
      ['d1', false],
    ]);
    expect((await api.call({ url: `/v1/imports/${state.id}` })).body['status']).toBe('undone');
    expect((await undo(api, state.id)).status).toBe(400);
  });

  test('what somebody changed or removed since stays, and is named', async () => {
    const api = await scene();
    const { state } = await done(api, 'device', `${FILE}d3;plain;;;;;;;\n`);
    await api.call({ method: 'POST', url: '/v1/devices/d1/unmount', body: {} });
    await api.call({ method: 'DELETE', url: '/v1/devices/d2' });
    const { result } = await undo(api, state.id);
    expect(result).toMatchObject({ removed: 1, restored: 0 });
    expect(result.kept).toEqual([
      { row: 2, id: 'd2', reason: 'it was removed since' },
      { row: 1, id: 'd1', reason: 'it was changed since' },
    ]);
    expect(await device(api, 'd1')).toBeDefined();
  });
});

describe('rights', () => {
  test('an operator sees what became of devices, but no secret, and cannot take them back', async () => {
    const api = await scene();
    const sent = await upload(api, 'device', FILE);
    const id = String(sent.body['id']);
    await vi.waitFor(async () => expect((await api.call({ url: `/v1/imports/${id}` })).body['status']).toBe('done'));
    const token = await api.tokenOf('operator');
    const seen = await api.call({ url: `/v1/imports/${id}/rows`, token });
    expect([seen.status, seen.text.includes('secret'), seen.text.includes('created')]).toEqual([200, false, true]);
    const refused = await api.call({ method: 'DELETE', url: `/v1/imports/${id}`, token });
    expect([refused.status, refused.body['code']]).toEqual([403, 'ROLE_INSUFFICIENT']);
    expect((await api.call({ url: `/v1/imports/${id}/rows` })).text).toContain('secret');
    const assets = await done(api, 'asset', 'id,kind,lat,lon\na9,container,52,5\n');
    const engineer = await api.tokenOf('engineer');
    const url = `/v1/imports/${assets.state.id}`;
    expect((await api.call({ method: 'DELETE', url, token: engineer })).status).toBe(403);
    expect((await api.call({ method: 'DELETE', url, token })).status).toBe(200);
  });
});

describe('XLSX', () => {
  const workbook = async (rows: unknown[][]): Promise<Buffer> =>
    xlsxOf(
      (async function* () {
        yield* rows;
      })(),
    );

  test('a workbook gives the same as a CSV; long numbers that were rounded are refused', async () => {
    const api = await scene();
    const rows = [
      ['id', 'type', 'devEUI', 'asset', 'emptyDistanceM', 'fullDistanceM', 'serial', 'imei'],
      ['d1', 'plain', 'A84041FFFF000001', 'bin-1', 1.5, 0.3, 12345, 123456789012345],
      ['d2', 'plain', 1234567890123456],
      [],
      ['d3', 'plain', 4300012345678],
    ];
    const result = await done(api, 'device', await workbook(rows));
    expect(outcomes(result.rows)).toEqual(['created', 'refused', 'created']);
    expect(await device(api, 'd1')).toMatchObject({
      serialNumber: '12345',
      externalIds: { imei: '123456789012345' },
      mounting: { emptyDistanceM: 1.5 },
    });
    expect(await device(api, 'd3')).toMatchObject({ externalIds: { devEui: '0004300012345678' } });
  });

  test('an export is a workbook that imports without a change', async () => {
    const api = await scene();
    await done(api, 'device', FILE);
    const answer = await api.http.inject({
      url: '/v1/exports/devices?format=xlsx',
      headers: { authorization: `Bearer ${api.token}` },
    });
    expect((await readSheet(answer.rawPayload))[0]).toContain('devEui');
    expect(outcomes((await done(api, 'device', answer.rawPayload)).rows)).toEqual(['unchanged', 'unchanged']);
    const csv = (await api.call({ url: '/v1/exports/devices' })).text;
    expect(outcomes((await done(api, 'device', csv)).rows)).toEqual(['unchanged', 'unchanged']);
  });

  test('files that are none, bombs and files without headings are refused as a whole', async () => {
    const api = await scene();
    const bomb = await workbook([['id'], ['x'.repeat(210 * 1024 * 1024)]]);
    expect(bomb.length).toBeLessThan(1024 * 1024);
    for (const [file, told] of [
      [bomb, 'more than 200 MB'],
      [Buffer.from('PK\u0003\u0004 and nothing behind it'), 'zip'],
      [Buffer.from([1, 0, 2, 0, 3, 0, 255, 254]), 'neither CSV nor XLSX'],
      ['a;b\n1;2\n', 'no heading'],
      ['id;devEUI;dev_eui\n1;2;3\n', 'two columns mean'],
      ['id,name\n"open', 'quotes'],
      ['', 'empty'],
      ['x', 'no heading'],
    ] as const) {
      const answer = await upload(api, 'device', file as string | Buffer);
      expect([answer.status, answer.body['code'], answer.text]).toEqual([
        400,
        'INPUT_INVALID',
        expect.stringContaining(told),
      ]);
    }
    expect((await done(api, 'device', 'id,type\nd1,plain\n')).state.status).toBe('done');
  });
});

describe('assets', () => {
  const file = `id;soort;naam;lat;lon;fractie;liter;wijk
a1;container;Markt;52,1;5,1;residual;1100;
a2;litter-bin;;52.2;5.2;;;
a3;cow;;99;;;;nowhere
`;

  test('a list of bins is taken in, repeated without change and taken back but for those in use', async () => {
    const api = await fresh();
    const { state, rows } = await done(api, 'asset', file);
    expect(outcomes(rows)).toEqual(['created', 'created', 'refused']);
    expect(rows[2]!.errors.map(({ field }) => field)).toEqual([
      'kind',
      'geometry.coordinates.0',
      'geometry.coordinates.1',
    ]);
    expect(await api.registry.assets.get(api.tenant, 'a1')).toEqual({
      id: 'a1',
      kind: 'container',
      name: 'Markt',
      geometry: { type: 'Point', coordinates: [5.1, 52.1] },
      chambers: [{ id: '1', fraction: 'residual', volumeL: 1100 }],
    });
    expect(outcomes((await done(api, 'asset', file)).rows)).toEqual(['unchanged', 'unchanged', 'refused']);
    const exported = (await api.call({ url: '/v1/exports/assets' })).text;
    expect(outcomes((await done(api, 'asset', exported)).rows)).toEqual(['unchanged', 'unchanged']);
    await api.call({ method: 'POST', url: '/v1/devices', body: { id: 'd1', typeId: 'plain', assetId: 'a1' } });
    expect((await undo(api, state.id)).result).toMatchObject({
      removed: 1,
      kept: [{ row: 1, id: 'a1', reason: '1 device(s) hang on it' }],
    });
  });
});

describe('readings', () => {
  test('history of a device is stored under the asset of its time, once, and can be taken back', async () => {
    const api = await scene();
    await api.call({ method: 'POST', url: '/v1/devices', body: { id: 'd1', typeId: 'plain', assetId: 'bin-1' } });
    const at = (hour: number) => new Date(Date.UTC(2026, 0, 4, hour)).toISOString();
    const file = `container_id,time,percent,temperature
d1,${at(1)},40,5
d1,${at(2)},160,
nobody,${at(3)},1,
d1,yesterday,1,
`;
    const { state, rows } = await done(api, 'reading', file);
    expect(outcomes(rows)).toEqual(['created', 'created', 'refused', 'refused']);
    const series = async () =>
      (await api.readings.series({ tenant: api.tenant, assetId: 'bin-1', fromMs: 0, toMs: Date.UTC(2027), limit: 10 }))
        .items;
    expect((await series()).map(({ quantity, value, quality, flags }) => [quantity, value, quality, flags])).toEqual(
      expect.arrayContaining([
        ['fill', 0.4, 'ok', ['HISTORY']],
        ['temperature', 5, 'ok', ['HISTORY']],
        ['fill', 1.6, 'invalid', ['OUT_OF_RANGE', 'HISTORY']],
      ]),
    );
    const long = `deviceId,at,quantity,value,unit\nd1,${at(1)},fill,40,%\nd1,2026-01-04 05:00:00+01:00,distance,1200,mm\nd1,${at(5)},distance,1,kg\n`;
    expect(outcomes((await done(api, 'reading', long)).rows)).toEqual(['unchanged', 'created', 'refused']);
    expect((await undo(api, state.id)).result).toMatchObject({ removed: 3, kept: [] });
    expect((await series()).map(({ quantity, value, at: when }) => [quantity, value, when])).toEqual([
      ['distance', 1.2, at(4)],
    ]);
  });
});

describe('running', () => {
  test('a repeated upload with the same key is one import', async () => {
    const api = await scene();
    const first = await upload(api, 'device', FILE, { key: 'k1' });
    const second = await upload(api, 'device', FILE, { key: 'k1' });
    expect([second.status, second.body['id']]).toEqual([202, first.body['id']]);
    expect((await upload(api, 'device', `${FILE}\n`, { key: 'k1' })).body['code']).toBe('IDEMPOTENCY_CONFLICT');
    await vi.waitFor(async () =>
      expect((await api.call({ url: `/v1/imports/${String(first.body['id'])}` })).body['status']).toBe('done'),
    );
  });

  test('one import runs at a time; a list shows all of them, the newest first', async () => {
    const api = await scene();
    const rows = Array.from({ length: 600 }, (_, n) => `d${n},plain`).join('\n');
    const table = `id,type\n${rows}\n`;
    const both = await Promise.all([
      upload(api, 'device', table),
      upload(api, 'device', table, { type: 'application/vnd.ms-excel' }),
    ]);
    // which of the two is first is the machine's affair
    const [one, two] = both.toSorted((x, y) => x.status - y.status) as [(typeof both)[0], (typeof both)[0]];
    expect([one.status, two.status, two.body['code']]).toEqual([202, 429, 'RATE_EXCEEDED']);
    const id = String(one.body['id']);
    expect((await undo(api, id)).text).toContain('still under way');
    await vi.waitFor(
      async () =>
        expect((await api.call({ url: `/v1/imports/${id}` })).body).toMatchObject({ status: 'done', created: 600 }),
      { timeout: 20_000 },
    );
    const { state } = await done(api, 'device', FILE);
    const list = (await api.call({ url: '/v1/imports' })).body['items'] as unknown as Import[];
    expect(list.map((item) => item.id)).toEqual([state.id, id]);
  });
});
