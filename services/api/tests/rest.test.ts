import { describe, expect, test } from 'vitest';
import { BIN, shareTestApi } from './harness.ts';

const fresh = shareTestApi();

const DEVICE = {
  id: 'dev-1',
  typeId: 'plain',
  assetId: 'bin-1',
  mounting: { emptyDistanceM: 1.2, fullDistanceM: 0.2 },
};

describe('assets', () => {
  test('an asset that was posted is there with an unknown state, its place and its tag', async () => {
    const api = await fresh();
    const made = await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    expect(made.status, made.text).toBe(201);
    expect(made.headers['location']).toBe('/v1/assets/bin-1');
    const read = await api.call({ url: '/v1/assets/bin-1' });
    expect(read.body).toEqual({ ...BIN, state: { fill: null, at: null, quality: null, silent: false } });
    expect(read.headers['cache-control']).toBe('private, no-cache');
    const again = await api.call({ url: '/v1/assets/bin-1', headers: { 'if-none-match': read.headers['etag']! } });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('every fault of a body is told at once, each with its field', async () => {
    const api = await fresh();
    const body = {
      id: '-bad',
      kind: 'cow',
      name: '',
      geometry: { type: 'Point', coordinates: [999, 52] },
      serviceTimeS: -1,
    };
    const answer = await api.call({ method: 'POST', url: '/v1/assets', body });
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const fields = (answer.body as unknown as { errors: { field: string }[] }).errors
      .map((fault) => fault.field)
      .sort();
    expect(fields).toEqual(['geometry.coordinates.0', 'id', 'kind', 'name', 'serviceTimeS']);
    expect(answer.body).toMatchObject({
      status: 400,
      code: 'INPUT_INVALID',
      title: expect.any(String),
      detail: expect.any(String),
    });
  });

  test('a write with a stale If-Match is refused and changes nothing', async () => {
    const api = await fresh();
    const made = await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    const tag = made.headers['etag']!;
    const first = await api.call({
      method: 'PUT',
      url: '/v1/assets/bin-1',
      body: { ...BIN, name: 'A' },
      headers: { 'if-match': tag },
    });
    expect(first.status, first.text).toBe(200);
    const second = await api.call({
      method: 'PUT',
      url: '/v1/assets/bin-1',
      body: { ...BIN, name: 'B' },
      headers: { 'if-match': tag },
    });
    expect([second.status, second.body['code']]).toEqual([412, 'VERSION_CONFLICT']);
    expect((await api.call({ url: '/v1/assets/bin-1' })).body['name']).toBe('A');
  });

  test('an id in the body that differs from the path is refused', async () => {
    const api = await fresh();
    await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    const answer = await api.call({ method: 'PUT', url: '/v1/assets/bin-1', body: { ...BIN, id: 'other' } });
    expect([answer.status, answer.body['errors']]).toEqual([400, [expect.objectContaining({ field: 'id' })]]);
  });

  test('a list is walked page by page without loss or repeat', async () => {
    const api = await fresh();
    await api.registry.assets.putAll(
      api.tenant,
      Array.from({ length: 25 }, (_, i) => ({ ...BIN, id: `bin-${i + 100}` }) as never),
    );
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await api.call({ url: `/v1/assets?limit=10${cursor && `&cursor=${encodeURIComponent(cursor)}`}` });
      seen.push(...(page.body as unknown as { items: { id: string }[] }).items.map((item) => item.id));
      cursor = (page.body['next'] as string | undefined) ?? '';
    } while (cursor);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `bin-${i + 100}`));
  });

  test('a list without live state is not sent twice', async () => {
    const api = await fresh();
    await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    const list = await api.call({ url: '/v1/assets?state=false' });
    expect(list.body).toEqual({ items: [BIN] });
    expect(
      (await api.call({ url: '/v1/assets?state=false', headers: { 'if-none-match': list.headers['etag']! } })).status,
    ).toBe(304);
  });

  test('a removed asset is gone', async () => {
    const api = await fresh();
    await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    expect((await api.call({ method: 'DELETE', url: '/v1/assets/bin-1' })).status).toBe(204);
    expect((await api.call({ url: '/v1/assets/bin-1' })).status).toBe(404);
  });
});

describe('bodies', () => {
  test('a body that is not JSON, too large or of another kind is refused as such', async () => {
    const api = await fresh();
    const send = (payload: string, type: string) =>
      api.http.inject({
        method: 'POST',
        url: '/v1/assets',
        payload,
        headers: { authorization: `Bearer ${api.token}`, 'content-type': type },
      });
    const answers = [
      await send('{"id":', 'application/json'),
      await send(JSON.stringify({ name: 'x'.repeat(2_000_000) }), 'application/json'),
      await send('id=bin-1', 'application/x-www-form-urlencoded'),
      await send('hello', 'text/plain'),
      await send('', 'application/json'),
    ];
    expect(answers.map((answer) => [answer.statusCode, answer.json<{ code: string }>().code])).toEqual([
      [400, 'INPUT_INVALID'],
      [413, 'BODY_TOO_LARGE'],
      [415, 'MEDIA_UNSUPPORTED'],
      [415, 'MEDIA_UNSUPPORTED'],
      [400, 'INPUT_INVALID'],
    ]);
  });

  test('a call without body may carry the JSON content type', async () => {
    const api = await fresh();
    await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    expect(
      (await api.call({ method: 'DELETE', url: '/v1/assets/bin-1', headers: { 'content-type': 'application/json' } }))
        .status,
    ).toBe(204);
  });

  test('faulty queries name their fields', async () => {
    const api = await fresh();
    const answer = await api.call({ url: '/v1/assets?limit=0&fill=full&kind=cow' });
    const fields = (answer.body as unknown as { errors: { field: string }[] }).errors
      .map((fault) => fault.field)
      .sort();
    expect([answer.status, fields]).toEqual([400, ['fill', 'kind', 'limit']]);
  });
});

describe('fleet', () => {
  const place = { lat: 52, lon: 5 };
  const vehicle = {
    id: 'veh-1',
    name: 'One',
    depotId: 'north',
    crewId: 'early',
    fractions: ['residual'],
    liftTypes: ['hand'],
    capacityKg: 900,
    shifts: [{ from: '22:00', to: '06:00' }],
  };

  test('a vehicle needs a depot and crew that exist, and gets the defaults of its schema', async () => {
    const api = await fresh();
    const early = await api.call({ method: 'POST', url: '/v1/vehicles', body: vehicle });
    expect((early.body as unknown as { errors: { field: string }[] }).errors.map((fault) => fault.field)).toEqual([
      'depotId',
      'crewId',
    ]);
    await api.call({ method: 'POST', url: '/v1/depots', body: { id: 'north', name: 'North', position: place } });
    await api.call({ method: 'POST', url: '/v1/crews', body: { id: 'early', name: 'Early' } });
    const made = await api.call({ method: 'POST', url: '/v1/vehicles', body: vehicle });
    expect([made.status, made.body]).toEqual([201, { ...vehicle, speedKmh: 28, available: true }]);
    expect((await api.call({ method: 'POST', url: '/v1/vehicles', body: vehicle })).body['code']).toBe(
      'RESOURCE_EXISTS',
    );
  });

  test('rules of rounds are fields of vehicles, depots and sites; those that contradict themselves are told by field', async () => {
    const api = await fresh();
    await api.call({
      method: 'POST',
      url: '/v1/depots',
      body: { id: 'north', name: 'North', position: place, chargeKw: 50 },
    });
    await api.call({ method: 'POST', url: '/v1/crews', body: { id: 'early', name: 'Early' } });
    const rules = {
      breakRules: ['working-hours', 'driving-time'],
      battery: { capacityKwh: 200, kwhPerKm: 1.5, reserveKwh: 20 },
      compartments: [{ fractions: ['residual'], capacityKg: 500 }],
      skills: ['hoist-licence'],
      overloadChance: 0.02,
    };
    const made = await api.call({ method: 'POST', url: '/v1/vehicles', body: { ...vehicle, ...rules } });
    expect([made.status, made.body]).toMatchObject([201, rules]);
    const strange = {
      ...rules,
      battery: { ...rules.battery, reserveKwh: 300 },
      compartments: [...rules.compartments, { fractions: ['residual', 'glass'] }],
    };
    const bad = await api.call({ method: 'POST', url: '/v1/vehicles', body: { ...vehicle, id: 'veh-2', ...strange } });
    const site = {
      id: 'tip',
      name: 'Tip',
      position: place,
      fractions: ['residual'],
      tippingTimeS: 300,
      weighInTimeS: 400,
    };
    const slow = await api.call({ method: 'POST', url: '/v1/disposal-sites', body: site });
    const fieldsOf = (answer: typeof bad) =>
      (answer.body as unknown as { errors: { field: string }[] }).errors.map(({ field }) => field);
    expect(fieldsOf(bad)).toEqual(['compartments', 'compartments', 'battery.reserveKwh']);
    expect(fieldsOf(slow)).toEqual(['weighInTimeS']);
  });

  test('a calendar names a real time zone and a whole schedule', async () => {
    const api = await fresh();
    const answer = await api.call({
      method: 'POST',
      url: '/v1/calendars',
      body: { id: 'city', timeZone: 'Mars/Olympus', planCron: '0 5' },
    });
    expect((answer.body as unknown as { errors: { field: string }[] }).errors.map((fault) => fault.field)).toEqual([
      'timeZone',
      'planCron',
    ]);
  });
});

describe('devices', () => {
  test('a device shows its secret when it is made and never again', async () => {
    const api = await fresh();
    await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    const made = await api.call({ method: 'POST', url: '/v1/devices', body: DEVICE });
    expect(made.status, made.text).toBe(201);
    expect(made.body['secret']).toMatch(/^[\w-]{32}$/);
    for (const url of ['/v1/devices', '/v1/devices/dev-1', '/v1/exports/devices']) {
      const { text } = await api.call({ url });
      expect(text).toContain('dev-1');
      expect(text).not.toMatch(/secret/i);
    }
  });

  test('all references to nothing are named at once', async () => {
    const api = await fresh();
    await api.call({
      method: 'POST',
      url: '/v1/devices',
      body: { id: 'other', typeId: 'plain', externalIds: { devEui: 'a84041ffff000001' } },
    });
    const body = { ...DEVICE, typeId: 'nobody-knows', externalIds: { devEui: 'a84041ffff000001' } };
    const answer = await api.call({ method: 'POST', url: '/v1/devices', body });
    const fields = (answer.body as unknown as { errors: { field: string }[] }).errors.map((fault) => fault.field);
    expect([answer.status, fields]).toEqual([400, ['typeId', 'assetId', 'externalIds.devEui']]);
  });

  test('other services have taken a device in before its 201 leaves', async () => {
    const api = await fresh();
    const order: string[] = [];
    api.deps.bus.on('registry.changed', async ({ id }) => {
      const stored = await api.registry.devices.get(api.tenant, id);
      order.push(`heard of ${stored?.id}`);
    });
    await api.call({ method: 'POST', url: '/v1/devices', body: { id: 'dev-1', typeId: 'plain' } });
    order.push('answered');
    expect(order).toEqual(['heard of dev-1', 'answered']);
  });

  test('a renewed secret replaces the old one; a replaced device keeps its secret', async () => {
    const api = await fresh();
    const made = await api.call({ method: 'POST', url: '/v1/devices', body: { id: 'dev-1', typeId: 'plain' } });
    const before = await api.registry.devices.get(api.tenant, 'dev-1');
    const put = await api.call({ method: 'PUT', url: '/v1/devices/dev-1', body: { typeId: 'plain', name: 'north' } });
    expect([put.status, put.body['name']]).toEqual([200, 'north']);
    expect((await api.registry.devices.get(api.tenant, 'dev-1'))?.secretHash).toBe(before?.secretHash);
    const renewed = await api.call({ method: 'POST', url: '/v1/devices/dev-1/secret' });
    expect(renewed.body['secret']).not.toBe(made.body['secret']);
    expect((await api.registry.devices.get(api.tenant, 'dev-1'))?.secretHash).not.toBe(before?.secretHash);
  });
});

describe('keyed writes', () => {
  const headers = { 'idempotency-key': 'k-1' };
  const post = { method: 'POST' as const, url: '/v1/devices', body: { id: 'dev-1', typeId: 'plain' }, headers };

  test('a repeated call gets the first answer again, secret and all, and does nothing', async () => {
    const api = await fresh();
    const first = await api.call(post);
    const second = await api.call(post);
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.headers['location']).toBe('/v1/devices/dev-1');
  });

  test('the same key with another body is a conflict', async () => {
    const api = await fresh();
    await api.call(post);
    const answer = await api.call({ ...post, body: { id: 'dev-2', typeId: 'plain' } });
    expect([answer.status, answer.body['code']]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
    expect(await api.registry.devices.get(api.tenant, 'dev-2')).toBeUndefined();
  });

  test('ten calls at once with one key make one token more', async () => {
    const api = await fresh();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        api.call({ method: 'POST', url: '/v1/tokens', body: { role: 'viewer' }, headers }),
      ),
    );
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(await api.registry.tokens.count(api.tenant)).toBe(2);
  });

  test('a key of one token means nothing for another', async () => {
    const api = await fresh();
    const first = await api.call({ method: 'POST', url: '/v1/tokens', body: { role: 'viewer' }, headers });
    const second = await api.call({
      method: 'POST',
      url: '/v1/tokens',
      body: { role: 'viewer' },
      headers,
      token: await api.tokenOf('admin'),
    });
    expect(second.text).not.toBe(first.text);
  });

  test('an answer is forgotten after a day', async () => {
    const api = await fresh();
    await api.call(post);
    api.clock.advance(25 * 3_600_000);
    expect((await api.call(post)).status).toBe(409);
  });
});

describe('tokens', () => {
  test('a token works until it is withdrawn, and then at once no more', async () => {
    const api = await fresh();
    const made = await api.call({
      method: 'POST',
      url: '/v1/tokens',
      body: { role: 'crew', crewId: 'crew-1', label: 'tablet 4' },
    });
    expect(made.status, made.text).toBe(201);
    const { id, token } = made.body as unknown as { id: string; token: string };
    expect((await api.call({ url: '/v1/me', token })).body).toEqual({
      tenant: api.tenant,
      role: 'crew',
      tokenId: id,
      crewId: 'crew-1',
    });
    expect((await api.call({ method: 'DELETE', url: `/v1/tokens/${id}` })).status).toBe(204);
    expect((await api.call({ url: '/v1/me', token })).status).toBe(401);
    expect((await api.call({ url: '/v1/tokens' })).text).not.toContain(token);
  });
});

describe('readings', () => {
  const reading = (minute: number, value: number) => ({
    at: `2026-01-05T05:${String(minute).padStart(2, '0')}:00.000Z`,
    receivedAt: '2026-01-05T05:59:00.000Z',
    deviceId: 'dev-1',
    assetId: 'bin-1',
    chamber: '1',
    quantity: 'fill' as const,
    value,
    unit: '1' as const,
    quality: 'ok' as const,
    flags: [],
    typeVersion: 'plain@1.0.0',
    uplinkId: `u-${minute}`,
  });

  test('a series is asked for in any offset and told in UTC, oldest first, page by page', async () => {
    const api = await fresh();
    await api.registry.assets.put(api.tenant, BIN as never);
    await api.readings.append({ tenant: api.tenant, readings: [reading(10, 0.1), reading(20, 0.2), reading(30, 0.3)] });
    const span = `from=${encodeURIComponent('2026-01-05T06:05:00+01:00')}&to=${encodeURIComponent('2026-01-05T06:35:00+01:00')}`;
    const first = await api.call({ url: `/v1/assets/bin-1/readings?quantity=fill&${span}&limit=2` });
    expect(first.status, first.text).toBe(200);
    expect((first.body as unknown as { items: unknown[] }).items).toEqual([reading(10, 0.1), reading(20, 0.2)]);
    const rest = await api.call({
      url: `/v1/assets/bin-1/readings?quantity=fill&${span}&limit=2&cursor=${encodeURIComponent(String(first.body['next']))}`,
    });
    expect((rest.body as unknown as { items: unknown[] }).items).toEqual([reading(30, 0.3)]);
    expect(rest.body['next']).toBeUndefined();
  });

  test('a series with a step is rolled up', async () => {
    const api = await fresh();
    await api.registry.assets.put(api.tenant, BIN as never);
    await api.readings.append({ tenant: api.tenant, readings: [reading(10, 0.1), reading(30, 0.3)] });
    const answer = await api.call({
      url: '/v1/assets/bin-1/readings?quantity=fill&from=2026-01-05T00:00:00Z&to=2026-01-06T00:00:00Z&step=1h',
    });
    expect(answer.body).toEqual({
      items: [{ from: '2026-01-05T05:00:00.000Z', min: 0.1, max: 0.3, mean: 0.2, count: 2 }],
    });
  });

  test('a span that ends before it starts is refused by name', async () => {
    const api = await fresh();
    await api.registry.assets.put(api.tenant, BIN as never);
    const answer = await api.call({
      url: '/v1/assets/bin-1/readings?from=2026-01-06T00:00:00Z&to=2026-01-05T00:00:00Z',
    });
    expect([answer.status, answer.body['errors']]).toEqual([
      400,
      [{ field: 'from', message: 'must not be after "to"' }],
    ]);
  });

  test('exports are CSV with field names, with formulas made harmless', async () => {
    const api = await fresh();
    await api.registry.assets.put(api.tenant, { ...BIN, name: '=HYPERLINK("x")' } as never);
    await api.readings.append({
      tenant: api.tenant,
      readings: [{ ...reading(10, -3), quantity: 'temperature', unit: 'Cel' }],
    });
    const assets = await api.call({ url: '/v1/exports/assets?format=csv' });
    expect(assets.status, assets.text).toBe(200);
    expect(assets.text.split('\r\n')[0]).toBe(
      'id,kind,name,lat,lon,chambers,areaId,address,accessNote,liftType,serviceTimeS,timeWindows,fill,at,quality,silent' +
        ',maxDwellDays,needs,craneReachM,liftWeightKg',
    );
    expect(assets.text).toContain(`"'=HYPERLINK(""x"")"`);
    const readings = await api.call({
      url: '/v1/exports/readings?format=csv&from=2026-01-05T00:00:00Z&to=2026-01-06T00:00:00Z',
    });
    expect(readings.text).toContain(',temperature,-3,Cel,');
    const geo = await api.call({ url: '/v1/exports/assets?format=geojson' });
    expect(JSON.parse(geo.text)).toMatchObject({
      type: 'FeatureCollection',
      features: [{ id: 'bin-1', geometry: BIN.geometry }],
    });
    expect((await api.call({ url: '/v1/exports/readings?format=geojson' })).status).toBe(400);
  });
});
