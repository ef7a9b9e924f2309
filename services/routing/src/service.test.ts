import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { CrewEvent, Round } from '@ronde/contracts';
import { uuidv7 } from '@ronde/kit';
import { openFixture, openTablet, START_MS, VEHICLE } from './fixtures.ts';

const FILLS = [0.97, 0.93, 0.9, 0.85, 0.8, 0.7, 0.5, 0.3, 0.1, 0.05];
const headers = { authorization: 'Bearer operator-token' };

async function firstRound(tablet: Awaited<ReturnType<typeof openTablet>>): Promise<Round> {
  return vi.waitFor(() => {
    const round = tablet.of('round').at(-1)?.round ?? tablet.of('snap').at(-1)?.rounds[0];
    expect(round).toBeDefined();
    return round!;
  }, 10_000);
}
function event(round: Round, stopId: string, more: Partial<CrewEvent> = {}): CrewEvent {
  return {
    id: uuidv7(Date.now()),
    roundId: round.id,
    roundVersion: round.version,
    stopId,
    kind: 'emptied',
    deviceAt: new Date(START_MS + 60_000).toISOString(),
    ...more,
  };
}
const assetStops = (round: Round) => round.stops.filter(({ kind }) => kind === 'asset');

test('a shift that is open when the role starts gets a round, with the fullest bins and a last tip', async () => {
  const { address } = await openFixture(FILLS);
  const round = await firstRound(await openTablet(address, 'crew-token'));
  const served = new Set(round.stops.flatMap(({ assetIds }) => assetIds));
  for (const id of ['bin-0', 'bin-1', 'bin-2']) expect(served).toContain(id);
  expect(served).not.toContain('bin-9');
  expect(round.stops.at(-1)).toMatchObject({ kind: 'disposal', siteId: 'tip' });
  expect(round.stops.map(({ seq }) => seq)).toEqual(round.stops.map((_, index) => index + 1));
  expect(assetStops(round)[0]!.reason).toMatch(/% full/);
  expect(round.distanceM).toBeGreaterThan(0);
});

test('loads never pass what the truck holds between two tips', async () => {
  const { address } = await openFixture(FILLS.map(() => 0.95));
  const round = await firstRound(await openTablet(address, 'crew-token'));
  let aboardKg = 0;
  for (const stop of round.stops) {
    aboardKg = stop.kind === 'disposal' ? 0 : aboardKg + stop.loadKg!;
    expect(aboardKg).toBeLessThanOrEqual(VEHICLE.capacityKg);
  }
  expect(round.stops.filter(({ kind }) => kind === 'disposal').length).toBeGreaterThan(1);
});

test('a bin emptied by the crew drops to 0 % before the next uplink, and its forecast starts anew', async () => {
  const { address, http, readings, tenant } = await openFixture(FILLS);
  const tablet = await openTablet(address, 'crew-token');
  const round = await firstRound(tablet);
  const stop = round.stops.find(({ assetIds }) => assetIds.includes('bin-0'))!;
  const before = await http.inject({ url: '/v1/assets/bin-0/forecast', headers });
  tablet.send({ type: 'event', ...event(round, stop.id) });
  await vi.waitFor(() => expect(tablet.of('eventAck')).toMatchObject([{ status: 'stored' }]));
  const [last] = await readings.lastValues({ tenant, assetIds: ['bin-0'], quantity: 'fill' });
  expect(last).toMatchObject({ value: 0, flags: ['CREW_EMPTIED'], deviceId: 'crew-truck-1' });
  const after = await http.inject({ url: '/v1/assets/bin-0/forecast', headers });
  expect(before.json().points[0].p50).toBeGreaterThan(0.9);
  expect(after.json().points[0].p50).toBeLessThan(0.1);
  expect(after.json().overflowRisk).toBeLessThan(before.json().overflowRisk);
});

test('the same event sent three times, by socket and by REST, is stored once', async () => {
  const { address, http, registry, tenant } = await openFixture(FILLS);
  const tablet = await openTablet(address, 'crew-token');
  const round = await firstRound(tablet);
  const once = event(round, assetStops(round)[0]!.id);
  tablet.send({ type: 'event', ...once });
  tablet.send({ type: 'event', ...once });
  await vi.waitFor(() => expect(tablet.of('eventAck').map(({ status }) => status)).toEqual(['stored', 'duplicate']));
  const again = await http.inject({
    method: 'POST',
    url: '/v1/crew-events',
    payload: once,
    headers: { authorization: 'Bearer crew-token' },
  });
  expect(again.json()).toMatchObject({ status: 'duplicate' });
  expect(await registry.crewEvents.count(tenant)).toBe(1);
});

test('events made hours offline arrive late, in order, and end the stops they name', async () => {
  const { address, registry, tenant } = await openFixture(FILLS);
  const round = await firstRound(await openTablet(address, 'crew-token'));
  const tablet = await openTablet(address, 'crew-token');
  for (const [index, { id }] of assetStops(round).slice(0, 3).entries()) {
    tablet.send({
      type: 'event',
      ...event(round, id, { deviceAt: new Date(START_MS - (3 - index) * 3_600_000).toISOString() }),
    });
  }
  await vi.waitFor(() => expect(tablet.of('eventAck')).toHaveLength(3));
  const stored = (await registry.rounds.get(tenant, round.id))!;
  expect(
    assetStops(stored)
      .slice(0, 3)
      .map(({ status }) => status),
  ).toEqual(['done', 'done', 'done']);
  expect(stored.status).toBe('active');
});

test('a new plan during the shift leaves what was done, the current stop and the next two as they are', async () => {
  const { address, http } = await openFixture(FILLS);
  const tablet = await openTablet(address, 'crew-token');
  const round = await firstRound(tablet);
  tablet.send({ type: 'event', ...event(round, round.stops[0]!.id) });
  await vi.waitFor(() => expect(tablet.of('eventAck')).toHaveLength(1));
  const fixed = round.stops.slice(0, 4).map(({ id }) => id);
  const asked = { from: new Date(START_MS).toISOString(), to: new Date(START_MS + 8 * 3_600_000).toISOString() };
  const answer = await http.inject({ method: 'POST', url: '/v1/plans', payload: asked, headers });
  expect(answer.statusCode).toBe(202);
  await vi.waitFor(async () => {
    const plan = (await http.inject({ url: answer.headers.location as string, headers })).json();
    expect(plan.status).toBe('done');
  }, 10_000);
  const now = (await http.inject({ url: `/v1/rounds/${round.id}`, headers })).json() as Round;
  expect(now.stops.slice(0, 4).map(({ id }) => id)).toEqual(fixed);
  expect(now.stops[0]!.status).toBe('done');
});

test('a tablet that was away gets what it missed, and one from another epoch a snapshot', async () => {
  const { address } = await openFixture(FILLS);
  const tablet = await openTablet(address, 'crew-token');
  const round = await firstRound(tablet);
  const { epoch } = tablet.of('hello')[0]!;
  const offset = tablet.of('round').at(-1)?.offset ?? tablet.of('snap').at(-1)!.offset;
  tablet.socket.terminate();
  const other = await openTablet(address, 'crew-token');
  await vi.waitFor(() => expect(other.of('snap')).toHaveLength(1));
  other.send({ type: 'event', ...event(round, round.stops[0]!.id) });
  await vi.waitFor(() => expect(other.of('eventAck')).toHaveLength(1));
  const back = await openTablet(address, 'crew-token', { epoch, offset });
  await vi.waitFor(() => expect(back.of('round').at(-1)?.round.stops[0]!.status).toBe('done'));
  expect(back.of('snap')).toEqual([]);
  const stranger = await openTablet(address, 'crew-token', { epoch: 'another', offset });
  await vi.waitFor(() => expect(stranger.of('snap')).toHaveLength(1));
});

test('a crew sees and reports on its own rounds only', async () => {
  const { address } = await openFixture(FILLS);
  const round = await firstRound(await openTablet(address, 'crew-token'));
  const other = await openTablet(address, 'other-crew-token');
  await vi.waitFor(() => expect(other.of('snap')).toMatchObject([{ rounds: [] }]));
  other.send({ type: 'event', ...event(round, round.stops[0]!.id) });
  await vi.waitFor(() =>
    expect(other.of('eventAck')).toMatchObject([{ status: 'rejected', fault: expect.stringMatching(/another crew/) }]),
  );
});

test('a token without the right to the channel is shown out with 4401', async () => {
  const { address } = await openFixture([0.5]);
  const viewer = await openTablet(address, 'viewer-token');
  const nobody = await openTablet(address, 'wrong');
  await vi.waitFor(() => expect([viewer.closeCode(), nobody.closeCode()]).toEqual([4401, 4401]));
});

test('pages of another origin are refused at the upgrade', async () => {
  const { address } = await openFixture([0.5]);
  const status = await new Promise((resolve) => {
    const socket = new WebSocket(`${address.replace('http', 'ws')}/v1/crew`, { origin: 'https://evil.example' });
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
  });
  expect(status).toBe(403);
});

test('tablets of a withdrawn token are shown out at once', async () => {
  const { address, bus, tenant } = await openFixture([0.5]);
  const tablet = await openTablet(address, 'crew-token');
  await vi.waitFor(() => expect(tablet.of('snap')).toHaveLength(1));
  await bus.publish('registry.changed', { tenant, kind: 'token', id: 'c', deleted: true });
  await vi.waitFor(() => expect(tablet.closeCode()).toBe(4401));
});

test('an event that is not valid is rejected by its id, so that the tablet can set it aside', async () => {
  const { address } = await openFixture([0.5]);
  const tablet = await openTablet(address, 'crew-token');
  tablet.send({
    type: 'event',
    id: 'ev-2',
    roundId: 'r',
    roundVersion: 1,
    stopId: 's',
    kind: 'bogus',
    deviceAt: 'now',
  });
  await vi.waitFor(() =>
    expect(tablet.of('eventAck')).toMatchObject([
      { id: 'ev-2', status: 'rejected', fault: expect.stringMatching(/kind:.*deviceAt:/s) },
    ]),
  );
});

test('a frame that is not understood is answered with the field and the remedy, and the socket stays', async () => {
  const { address } = await openFixture([0.5]);
  const tablet = await openTablet(address, 'crew-token');
  tablet.send({ type: 'event', id: 7 });
  await vi.waitFor(() =>
    expect(tablet.of('error')[0]).toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/id:.*roundId:/s),
    }),
  );
  tablet.send({ type: 'ping' });
  await vi.waitFor(() => expect(tablet.of('pong')).toHaveLength(1));
});

test('a sensor that still reads full after an emptying opens one incident', async () => {
  const { address, bus, registry, tenant } = await openFixture(FILLS);
  await registry.devices.put(tenant, {
    id: 'dev-bin-0',
    typeId: 'plain',
    assetId: 'bin-0',
    createdAt: new Date().toISOString(),
    secretHash: 'x',
  });
  const tablet = await openTablet(address, 'crew-token');
  const round = await firstRound(tablet);
  const stop = round.stops.find(({ assetIds }) => assetIds.includes('bin-0'))!;
  tablet.send({ type: 'event', ...event(round, stop.id) });
  await vi.waitFor(() => expect(tablet.of('eventAck')).toHaveLength(1));
  for (const minutes of [30, 60]) {
    const at = new Date(START_MS + minutes * 60_000).toISOString();
    await bus.publish('readings.accepted', {
      tenant,
      readings: [
        {
          at,
          receivedAt: at,
          deviceId: 'dev-bin-0',
          assetId: 'bin-0',
          chamber: '1',
          quantity: 'fill',
          value: 0.96,
          unit: '1',
          quality: 'ok',
          flags: [],
          typeVersion: 'plain@1',
          uplinkId: 'u',
        },
      ],
    });
  }
  expect(await registry.incidents.all(tenant, { kind: 'sensor-disagrees' })).toMatchObject([
    { assetId: 'bin-0', status: 'open' },
  ]);
  expect(await registry.crewEvents.all(tenant)).toMatchObject([{ sensorVerdict: 'contradicted' }]);
});

test('a plan with wrong times and unknown vehicles names every fault at once', async () => {
  const { http } = await openFixture([0.5]);
  const answer = await http.inject({
    method: 'POST',
    url: '/v1/plans',
    headers,
    payload: { from: '2026-01-05T10:00:00Z', to: '2026-01-05T09:00:00Z', vehicleIds: ['ghost'] },
  });
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors.map(({ field }: { field: string }) => field)).toEqual(['to', 'vehicleIds.0']);
});
