import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { CrewClientMessage, type CrewEvent, type Round, type Stop } from '@ronde/contracts';
import { createCity } from '../city/create-city.ts';
import { distanceM } from '../city/streets.ts';
import type { SimClock } from '../clock.ts';
import { createWorld } from '../fill/world.ts';
import { createFastClock, createHandClock } from '../testing.ts';
import { openTruth } from '../truth.ts';
import { createCrew } from './crew.ts';

const WAIT = { timeout: 15_000, interval: 20 };
const city = createCity({ seed: 1, share: 0.1 });
const vehicle = city.vehicles[0]!;
const startMs = Date.UTC(2026, 5, 3, 8);
const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

function stopAt(id: string, index: number): Stop {
  const asset = city.assets.filter(({ kind }) => kind === 'litter-bin')[index]!;
  const [lon, lat] = asset.geometry.coordinates;
  return {
    id,
    seq: index + 1,
    kind: 'asset',
    assetIds: [asset.id],
    lat,
    lon,
    eta: new Date(startMs).toISOString(),
    serviceS: 60,
    reason: 'full',
    status: 'planned',
  };
}

function roundOf(stops: Stop[], version = 1): Round {
  const times = { startsAt: new Date(startMs).toISOString(), endsAt: new Date(startMs + 8 * 3_600_000).toISOString() };
  return {
    id: 'rnd-1',
    version,
    planId: 'plan-1',
    vehicleId: vehicle.id,
    crewId: vehicle.crewId!,
    status: 'published',
    ...times,
    stops,
    leftOut: [],
    distanceM: 1,
    durationS: 1,
  };
}

/** A small server of the crew protocol that keeps everything it is told. */
function openServer(round: Round) {
  const server = new WebSocketServer({ port: 0 });
  const told = { auths: [] as string[], acks: [] as number[], events: [] as CrewEvent[], connections: 0 };
  const state = { round, acknowledge: true, sockets: new Set<WebSocket>() };
  server.on('connection', (socket) => {
    told.connections += 1;
    state.sockets.add(socket);
    socket.on('message', (data) => {
      const message = CrewClientMessage.parse(JSON.parse(String(data)));
      const send = (answer: object): void => socket.send(JSON.stringify(answer));
      if (message.type === 'auth') {
        told.auths.push(message.token);
        send({ type: 'hello', protocol: 1, epoch: 'e1', heartbeatS: 15, serverTime: new Date(startMs).toISOString() });
      } else if (message.type === 'sub')
        send({ type: 'snap', epoch: 'e1', offset: told.connections, rounds: [state.round] });
      else if (message.type === 'ack') told.acks.push(message.version);
      else if (message.type === 'event') {
        if (!state.acknowledge) return;
        const known = told.events.some(({ id }) => id === message.id);
        if (!known) told.events.push(message);
        send({ type: 'eventAck', id: message.id, status: known ? 'duplicate' : 'stored' });
      }
    });
  });
  const push = (next: Round): void => {
    state.round = next;
    for (const socket of state.sockets)
      socket.send(JSON.stringify({ type: 'round', offset: 50 + next.version, round: next, changes: [] }));
  };
  const drop = (): void => state.sockets.forEach((socket) => socket.terminate());
  closers.push(() => {
    drop();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, told, state, push, drop };
}

function openFastClock(): SimClock {
  const clock = createFastClock(startMs, 3_000);
  closers.push(() => clock.stop());
  return clock;
}

function openCrew(httpUrl: string, clock: SimClock = openFastClock()) {
  const world = createWorld(city, { atMs: startMs - 1 });
  const crew = createCrew({
    city,
    vehicle,
    token: 'secret-token',
    httpUrl,
    clock,
    world,
    truth: openTruth(undefined),
    seed: 1,
    luck: false,
  });
  closers.push(() => crew.stop());
  crew.start();
  return { crew, world, clock };
}

describe('createCrew', () => {
  test('signs in, acknowledges the round, drives its stops in order and really empties the bins', async () => {
    const server = openServer(roundOf([stopAt('s1', 0), stopAt('s2', 1)]));
    const { world } = openCrew(server.url);
    await vi.waitFor(() => expect(server.told.events).toHaveLength(4), WAIT);
    expect(server.told.auths).toEqual(['secret-token']);
    expect(server.told.acks).toEqual([1]);
    expect(server.told.events.map(({ stopId, kind }) => `${stopId} ${kind}`)).toEqual([
      's1 arrived',
      's1 emptied',
      's2 arrived',
      's2 emptied',
    ]);
    const last = server.told.events.at(-1)!;
    expect(world.levelAt(last.assetId!, '1', Date.parse(last.deviceAt))).toBeLessThan(0.2);
  });

  test('needs the time that the way and the work take', async () => {
    const first = stopAt('s1', 0);
    const server = openServer(roundOf([first]));
    openCrew(server.url);
    await vi.waitFor(() => expect(server.told.events).toHaveLength(2), WAIT);
    const depot = city.depots.find(({ id }) => id === vehicle.depotId)!.position;
    const leastMs = (distanceM(depot, first) / (vehicle.speedKmh / 3.6)) * 1000;
    const [arrived, emptied] = server.told.events.map(({ deviceAt }) => Date.parse(deviceAt));
    expect(arrived! - startMs).toBeGreaterThan(leastMs);
    expect(emptied! - arrived!).toBeGreaterThanOrEqual(60_000);
  });

  test('has the breaks of its round before and after the work at a stop, and says when it is back', async () => {
    const minute = (count: number): string => new Date(startMs + count * 60_000).toISOString();
    const breaks: Round['breaks'] = [
      { stopId: 's1', place: 'before', startsAt: minute(10), endsAt: minute(25) },
      { stopId: 's1', place: 'after', startsAt: minute(30), endsAt: minute(60) },
    ];
    const server = openServer({ ...roundOf([stopAt('s1', 0), stopAt('s2', 1)]), breaks });
    openCrew(server.url);
    await vi.waitFor(() => expect(server.told.events).toHaveLength(6), WAIT);
    const kinds = server.told.events.map(({ kind, restedS = '' }) => `${kind} ${restedS}`.trim());
    expect(kinds).toEqual(['arrived', 'rested 900', 'emptied', 'rested 1800', 'arrived', 'emptied']);
    const [arrived, , emptied, back] = server.told.events.map(({ deviceAt }) => Date.parse(deviceAt));
    expect(emptied! - arrived!).toBeGreaterThanOrEqual(960_000);
    expect(back! - emptied!).toBeGreaterThanOrEqual(1_800_000);
  });

  test('a break before the work is part of the wait for a place that opens later', async () => {
    const minute = (count: number): string => new Date(startMs + count * 60_000).toISOString();
    const shut = city.assets.find(({ timeWindows }) => timeWindows)!;
    const [lon, lat] = shut.geometry.coordinates;
    const stop: Stop = { ...stopAt('s1', 0), assetIds: [shut.id], lat, lon, eta: minute(50), opensAt: minute(50) };
    const breaks: Round['breaks'] = [{ stopId: 's1', place: 'before', startsAt: minute(20), endsAt: minute(50) }];
    const server = openServer({ ...roundOf([stop]), breaks });
    const clock = createHandClock(startMs);
    openCrew(server.url, clock);
    await vi.waitFor(() => expect(server.told.acks).toEqual([1]), WAIT);
    await clock.advance(3 * 3_600_000);
    await vi.waitFor(() => expect(server.told.events).toHaveLength(3), WAIT);
    const [arrived, rested, emptied] = server.told.events.map(({ deviceAt }) => Date.parse(deviceAt));
    expect(arrived!).toBeLessThan(Date.parse(minute(50)));
    expect(emptied).toBe(Math.max(Date.parse(minute(50)), rested!) + 60_000);
  });

  test('follows a new version, and reports a tip without an asset', async () => {
    const server = openServer(roundOf([stopAt('s1', 0)]));
    openCrew(server.url);
    await vi.waitFor(() => expect(server.told.events).toHaveLength(2), WAIT);
    const done: Stop = { ...stopAt('s1', 0), status: 'done' };
    const tip: Stop = { ...stopAt('s2', 1), kind: 'disposal', assetIds: [], siteId: 'overslag-noord' };
    server.push(roundOf([done, tip], 2));
    await vi.waitFor(() => expect(server.told.events).toHaveLength(4), WAIT);
    expect(server.told.acks).toEqual([1, 2]);
    expect(server.told.events.at(-1)).toMatchObject({ stopId: 's2', kind: 'emptied', roundVersion: 2 });
    expect(server.told.events.at(-1)).not.toHaveProperty('assetId');
  });

  test('keeps what was not acknowledged and sends it again after the connection broke, with the time it happened', async () => {
    const server = openServer(roundOf([stopAt('s1', 0)]));
    server.state.acknowledge = false;
    const { crew, clock } = openCrew(server.url);
    await vi.waitFor(() => expect(crew.tablet.pending()).toBe(2), WAIT);
    const emptiedBeforeMs = clock.nowMs();
    server.state.acknowledge = true;
    server.drop();
    await vi.waitFor(() => expect(server.told.events.map(({ kind }) => kind)).toEqual(['arrived', 'emptied']), WAIT);
    expect(server.told.connections).toBeGreaterThan(1);
    for (const { deviceAt } of server.told.events) expect(Date.parse(deviceAt)).toBeLessThanOrEqual(emptiedBeforeMs);
    await vi.waitFor(() => expect(crew.tablet.pending()).toBe(0), WAIT);
  });
});
