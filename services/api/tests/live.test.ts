import { once } from 'node:events';
import { WebSocket } from 'ws';
import { describe, expect, test, vi } from 'vitest';
import type { Incident, Reading, Round } from '@ronde/contracts';
import { createFakeClock } from '@ronde/kit';
import { BIN, openTestApi, shareTestApi, type TestApi } from './harness.ts';
import { connect, isDelta, isSnap, listen } from './live-socket.ts';

const fresh = shareTestApi();

function reading(api: TestApi, value: number, assetId = 'bin-1'): Reading {
  const at = api.clock.iso();
  return {
    at,
    receivedAt: at,
    deviceId: `dev-of-${assetId}`,
    assetId,
    chamber: '1',
    quantity: 'fill',
    value,
    unit: '1',
    quality: 'ok',
    flags: [],
    typeVersion: 'plain@1.0.0',
    uplinkId: `u-${value}`,
  };
}

async function measure(api: TestApi, value: number, assetId?: string): Promise<void> {
  api.clock.advance(1000);
  const readings = [reading(api, value, assetId)];
  await api.readings.append({ tenant: api.tenant, readings });
  await api.deps.bus.publish('readings.accepted', { tenant: api.tenant, readings });
}

function round(version: number, text = ''): Round {
  return {
    id: 'round-1',
    version,
    planId: 'plan-1',
    vehicleId: 'veh-1',
    crewId: 'crew-1',
    status: 'active',
    startsAt: '2026-01-05T06:00:00.000Z',
    endsAt: '2026-01-05T14:00:00.000Z',
    stops: [],
    leftOut: [{ assetId: 'bin-1', reason: text }],
    distanceM: 1200,
    durationS: 600,
  };
}

describe('signing in', () => {
  test('a connection without a token is closed with 4401 when its time is over', async () => {
    const api = await openTestApi({ env: { LIVE_AUTH_TIMEOUT_MS: '50' } });
    const live = await connect(await listen(api));
    expect(await live.closed).toBe(4401);
  });

  test('a wrong token, or a subscription before any, is closed with 4401', async () => {
    const api = await fresh();
    const host = await listen(api);
    const wrong = await connect(host);
    wrong.send({ type: 'auth', token: 'made-up' });
    expect(await wrong.closed).toBe(4401);
    const hasty = await connect(host);
    hasty.send({ type: 'sub', topic: 'assets' });
    expect(await hasty.closed).toBe(4401);
  });

  test('pages of another origin get 403; our own page, PUBLIC_URL and programs get in', async () => {
    const api = await openTestApi({ env: { PUBLIC_URL: 'https://ronde.example' } });
    const host = await listen(api);
    for (const origin of ['https://evil.example', 'null', 'https://ronde.example.evil.example']) {
      const socket = new WebSocket(`ws://${host}/v1/live`, { origin });
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error.message).toContain('403');
    }
    for (const origin of [`http://${host}`, 'https://ronde.example']) {
      const live = await connect(host, api.token, { origin });
      expect(live.socket.readyState).toBe(WebSocket.OPEN);
    }
  });

  test('a withdrawn token ends its connections at once and no other', async () => {
    const api = await fresh();
    const host = await listen(api);
    const made = await api.call({ method: 'POST', url: '/v1/tokens', body: { role: 'viewer' } });
    const { id, token } = made.body as unknown as { id: string; token: string };
    const theirs = await connect(host, token);
    const other = await connect(host, api.token);
    await api.call({ method: 'DELETE', url: `/v1/tokens/${id}` });
    expect(await theirs.closed).toBe(4401);
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('a token that vanished without an event is found at the next check', async () => {
    const api = await openTestApi({ env: { LIVE_RECHECK_MS: '50' } });
    const host = await listen(api);
    const live = await connect(host, await api.tokenOf('viewer'));
    await api.registry.tokens.delete(api.tenant, `tok-${api.tenant}-viewer`);
    await api.deps.bus.publish('registry.changed', { tenant: api.tenant, kind: 'token', id: 'another', deleted: true });
    expect(await live.closed).toBe(4401);
  });

  test('a topic that a role may not follow answers an error and stays shut', async () => {
    const api = await fresh();
    const live = await connect(await listen(api), await api.tokenOf('viewer'));
    for (const topic of ['rounds', 'crews', 'incidents', 'raw']) {
      live.send({ type: 'sub', topic });
      expect(await live.next(({ type }) => type === 'error')).toMatchObject({ code: 'ROLE_INSUFFICIENT' });
    }
    live.send({ type: 'sub', topic: 'kpis' });
    expect(await live.next(isSnap)).toMatchObject({ topic: 'kpis', items: [{ assets: 0, full: 0, silent: 0 }] });
  });
});

describe('the strip', () => {
  test('counts the readings of today that were stored before the process started', async () => {
    const api = await fresh();
    const atTime = (at: string): Reading => ({ ...reading(api, 0.5), at, receivedAt: at });
    const nowMs = api.clock.nowMs();
    // midnight in Amsterdam is 23:00 UTC of the day before
    const midnightMs = Date.parse(`${new Date(nowMs).toISOString().slice(0, 10)}T00:00:00Z`) - 3_600_000;
    const times = [midnightMs - 1, midnightMs, nowMs].map((ms) => new Date(ms).toISOString());
    await api.readings.append({ tenant: api.tenant, readings: times.map(atTime) });
    const live = await connect(await listen(api), api.token);
    live.send({ type: 'sub', topic: 'kpis' });
    expect(await live.next(isSnap)).toMatchObject({ items: [{ readingsToday: 2 }] });
  });
});

describe('following', () => {
  test('a snapshot, then deltas; after a gap exactly the missed ones', async () => {
    const api = await fresh();
    await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    const host = await listen(api);
    const first = await connect(host, api.token);
    first.send({ type: 'sub', topic: 'assets' });
    const snap = await first.next(isSnap);
    expect(snap['u']).toEqual([['bin-1', null, null, null, 0]]);
    await measure(api, 0.5);
    const delta = await first.next((message) => isDelta(message) && JSON.stringify(message['u']).includes('0.5'));
    expect(delta['u']).toEqual([['bin-1', 0.5, api.clock.nowMs(), 'ok', 0]]);
    first.socket.terminate();
    const watcher = await connect(host, api.token);
    watcher.send({ type: 'sub', topic: 'assets' });
    await watcher.next(isSnap);
    for (const value of [0.6, 0.7]) {
      await measure(api, value);
      await watcher.next((message) => isDelta(message) && JSON.stringify(message['u']).includes(String(value)));
    }
    const back = await connect(host, api.token);
    back.send({ type: 'sub', topic: 'assets', since: { epoch: snap['epoch'], offset: delta['offset'] } });
    const missed = [await back.next(isDelta), await back.next(isDelta)];
    expect(missed.map((message) => [message['offset'], (message['u'] as unknown[][])[0]![1]])).toEqual([
      [(delta['offset'] as number) + 1, 0.6],
      [(delta['offset'] as number) + 2, 0.7],
    ]);
    back.send({ type: 'sub', topic: 'assets', since: { epoch: 'before-the-restart', offset: delta['offset'] } });
    expect((await back.next(isSnap))['u']).toEqual([['bin-1', 0.7, api.clock.nowMs(), 'ok', 0]]);
  });

  test('a removed asset is told and leaves the snapshot; nothing crosses tenants', async () => {
    const api = await fresh();
    await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    const host = await listen(api);
    const mine = await connect(host, api.token);
    mine.send({ type: 'sub', topic: 'assets' });
    await mine.next(isSnap);
    const theirs = await connect(host, await api.tokenOf('admin', 'other'));
    theirs.send({ type: 'sub', topic: 'assets' });
    expect((await theirs.next(isSnap))['u']).toEqual([]);
    await api.call({ method: 'DELETE', url: '/v1/assets/bin-1' });
    expect(await mine.next((message) => isDelta(message) && 'removed' in message)).toMatchObject({
      removed: ['bin-1'],
    });
    expect(theirs.messages).toEqual([]);
  });

  test('rounds and crews tell how far a round is', async () => {
    const api = await fresh();
    const live = await connect(await listen(api), await api.tokenOf('operator'));
    live.send({ type: 'sub', topic: 'crews' });
    await live.next(isSnap);
    await api.deps.bus.publish('round.published', { tenant: api.tenant, round: round(1), changes: [] });
    expect(await live.next(isDelta)).toMatchObject({
      topic: 'crews',
      items: [
        {
          vehicleId: 'veh-1',
          crewId: 'crew-1',
          roundId: 'round-1',
          status: 'active',
          stopsDone: 0,
          stopsPlanned: 0,
          lastSeenAt: null,
        },
      ],
    });
  });

  test('raw traffic keeps only the newest lines', async () => {
    const api = await fresh();
    const trace = (i: number) => ({
      uplinkId: `u-${i}`,
      receivedAt: api.clock.iso(),
      source: 'native',
      topic: 't',
      deviceId: null,
      outcome: 'stored' as const,
      readings: 1,
      bytes: 4,
    });
    const live = await connect(await listen(api), await api.tokenOf('engineer'));
    await api.deps.bus.publish('uplink.handled', {
      tenant: api.tenant,
      items: Array.from({ length: 500 }, (_, i) => trace(i)),
    });
    live.send({ type: 'sub', topic: 'raw' });
    const items = (await live.next(isSnap))['items'] as { uplinkId: string }[];
    expect([items.length, items[0]!.uplinkId, items.at(-1)!.uplinkId]).toEqual([200, 'u-300', 'u-499']);
  });
});

describe('incidents', () => {
  const open = async (api: TestApi): Promise<Incident[]> => api.registry.incidents.all(api.tenant, { status: 'open' });

  test('a full asset opens one incident however often it says so, and keeps it until well below', async () => {
    const api = await fresh();
    await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    await Promise.all([0.96, 0.97, 0.99, 0.98].map((value) => measure(api, value)));
    await vi.waitFor(async () => expect(await open(api)).toMatchObject([{ kind: 'asset-full', assetId: 'bin-1' }]));
    await measure(api, 0.85);
    await measure(api, 0.96);
    expect(await api.registry.incidents.count(api.tenant)).toBe(1);
    await measure(api, 0.1);
    await vi.waitFor(async () => expect(await open(api)).toEqual([]));
    expect(await api.registry.incidents.count(api.tenant, { status: 'resolved' })).toBe(1);
  });

  test('a sensor that falls silent shows in state, topic and incident, and is heard again', async () => {
    const api = await fresh();
    await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    await api.call({
      method: 'POST',
      url: '/v1/devices',
      body: { id: 'dev-of-bin-1', typeId: 'plain', assetId: 'bin-1' },
    });
    const live = await connect(await listen(api), api.token);
    live.send({ type: 'sub', topic: 'incidents' });
    await live.next(isSnap);
    await measure(api, 0.3);
    api.clock.advance(12 * 3_600_000);
    expect(await live.next(isDelta)).toMatchObject({
      items: [{ kind: 'sensor-silent', status: 'open', assetId: 'bin-1' }],
    });
    expect((await api.call({ url: '/v1/assets?silent=true' })).body).toMatchObject({
      items: [{ id: 'bin-1', state: { fill: 0.3, silent: true } }],
    });
    await measure(api, 0.3);
    expect(await live.next(isDelta)).toMatchObject({ items: [{ kind: 'sensor-silent', status: 'resolved' }] });
    live.send({ type: 'sub', topic: 'incidents' });
    expect((await live.next(isSnap))['items']).toEqual([]);
  });

  test('what people resolved stays resolved while the cause lasts', async () => {
    const api = await fresh();
    await api.call({ method: 'POST', url: '/v1/assets', body: BIN });
    await measure(api, 0.97);
    const [incident] = await vi.waitFor(async () => {
      const found = await open(api);
      expect(found).toHaveLength(1);
      return found;
    });
    const answer = await api.call({
      method: 'PATCH',
      url: `/v1/incidents/${incident!.id}`,
      body: { status: 'resolved' },
    });
    expect([answer.status, answer.body['status']]).toEqual([200, 'resolved']);
    await measure(api, 0.98);
    await measure(api, 0.1);
    await measure(api, 0.99);
    await vi.waitFor(async () => expect(await open(api)).toHaveLength(1));
    expect(await api.registry.incidents.count(api.tenant)).toBe(2);
  });
});

describe('bad clients', () => {
  test('a frame of 20 MB is closed with 1009', async () => {
    const api = await fresh();
    const live = await connect(await listen(api), api.token);
    live.socket.send(Buffer.alloc(20 * 1024 * 1024, 0x20));
    expect(await live.closed).toBe(1009);
  });

  test('rubbish is answered with an error, a flood is closed with 1008', async () => {
    const api = await fresh();
    const live = await connect(await listen(api), api.token);
    for (const text of ['{', '[]', '{"type":"sub","topic":"secrets"}']) {
      live.socket.send(text);
      expect(await live.next(({ type }) => type === 'error')).toMatchObject({
        code: 'INPUT_INVALID',
        remedy: expect.any(String),
      });
    }
    for (let i = 0; i < 200; i += 1) live.send({ type: 'ping' });
    expect(await live.closed).toBe(1008);
  });

  test('a client that answers no heartbeat is ended', async () => {
    const api = await openTestApi({ env: { LIVE_HEARTBEAT_MS: '40' } });
    const host = await listen(api);
    const dead = await connect(host, api.token, { autoPong: false });
    const alive = await connect(host, api.token);
    expect(await dead.closed).toBe(1006);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('a client that does not read holds back nobody, stays bounded and gets one fresh snapshot', async () => {
    const hostClock = createFakeClock();
    const api = await openTestApi({ hostClock });
    const host = await listen(api);
    const slow = await connect(host, api.token);
    const quick = await connect(host, api.token);
    for (const live of [slow, quick]) {
      live.send({ type: 'sub', topic: 'rounds' });
      await live.next(isSnap);
    }
    slow.socket.pause();
    const big = 'x'.repeat(400_000);
    let held = 0;
    let last = 0;
    for (let version = 1; version <= 60; version += 1) {
      await api.deps.bus.publish('round.published', { tenant: api.tenant, round: round(version, big), changes: [] });
      hostClock.advance(250);
      last = (await quick.next(isDelta))['offset'] as number;
      for (const client of api.http.websocketServer.clients) held = Math.max(held, client.bufferedAmount);
    }
    expect(held).toBeLessThan(1024 * 1024);
    slow.socket.resume();
    const snap = await vi.waitFor(() => {
      hostClock.advance(250);
      const found = slow.messages.find(isSnap);
      if (!found) throw new Error('no snapshot yet');
      return found;
    }, 8000);
    expect(snap['offset']).toBe(last);
    expect((snap['items'] as Round[])[0]!.version).toBe(60);
    expect(slow.messages.filter(isDelta).length).toBeLessThan(60);
  });
});
