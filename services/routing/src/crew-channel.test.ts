import { expect, test, vi } from 'vitest';
import type { Round } from '@ronde/contracts';
import { createAllowance } from './allowance.ts';
import { createCrewLog } from './crew-log.ts';
import { openFixture, openTablet } from './fixtures.ts';

function bigRound(version: number, stops = 200): Round {
  return {
    id: 'big',
    version,
    planId: 'p',
    vehicleId: 'truck-1',
    crewId: 'crew-1',
    status: 'active',
    startsAt: '2026-01-05T06:00:00.000Z',
    endsAt: '2026-01-05T12:00:00.000Z',
    leftOut: [],
    distanceM: 0,
    durationS: 0,
    stops: Array.from({ length: stops }, (_, index) => ({
      id: `s${index}`,
      seq: index + 1,
      kind: 'asset',
      assetIds: [`bin-${index}`],
      lat: 52,
      lon: 5,
      eta: '2026-01-05T08:00:00.000Z',
      reason: `${'a reason of some length '.repeat(8)}${index}`,
      status: 'planned',
    })),
  };
}

test('a frozen tablet costs bounded memory during 1,000 pushes and gets one snapshot when it reads again', async () => {
  const { address, bus, tenant } = await openFixture([]);
  const frozen = await openTablet(address, 'crew-token');
  const healthy = await openTablet(address, 'crew-token');
  await vi.waitFor(() => expect([frozen, healthy].map((tablet) => tablet.of('snap').length)).toEqual([1, 1]));
  frozen.socket.pause();
  const beforeMb = process.memoryUsage().rss / 1e6;
  for (let version = 1; version <= 1000; version++)
    await bus.publish('round.published', { tenant, round: bigRound(version), changes: [] });
  // 1,000 pushes are 70 MB for each tablet; the healthy one runs in this process too and keeps what it got
  expect(process.memoryUsage().rss / 1e6 - beforeMb).toBeLessThan(400);
  frozen.socket.resume();
  await vi.waitFor(() => expect(frozen.of('snap').at(-1)!.offset).toBe(1000), 10_000);
  expect(frozen.of('round').length).toBeLessThan(500);
}, 30_000);

test('a backlog of 520 messages is taken in whole, slowed down and not cut off', async () => {
  const { address } = await openFixture([]);
  const tablet = await openTablet(address, 'crew-token');
  await vi.waitFor(() => expect(tablet.of('snap')).toHaveLength(1));
  for (let index = 0; index < 520; index++) tablet.send({ type: 'ping' });
  await vi.waitFor(() => expect(tablet.of('pong')).toHaveLength(520), 10_000);
  expect(tablet.closeCode()).toBeUndefined();
}, 15_000);

test('an allowance gives its burst at once, then makes wait, and fills up again', () => {
  let nowMs = 0;
  const allowance = createAllowance({ burst: 3, perSecond: 20, nowMs: () => nowMs });
  expect([1, 2, 3, 4, 5].map(() => allowance.take())).toEqual([0, 0, 0, 50, 100]);
  nowMs = 100;
  expect(allowance.take()).toBe(50);
  nowMs = 10_000;
  expect([1, 2, 3, 4].map(() => allowance.take())).toEqual([0, 0, 0, 50]);
});

test('a tablet that was away gets the newest state of each round with every change it missed', () => {
  const log = createCrewLog(4);
  const change = (stopId: string) => ({ kind: 'added' as const, stopId, text: stopId });
  log.add(bigRound(1, 1), [change('a')]);
  log.add(bigRound(2, 1), [change('b')]);
  log.add({ ...bigRound(1, 1), id: 'other', crewId: 'crew-2' }, []);
  log.add(bigRound(3, 1), [change('c')]);
  const sees = (round: Round): boolean => round.crewId === 'crew-1';
  expect(log.since(1, sees)).toMatchObject([{ offset: 4, round: { version: 3 }, changes: [change('b'), change('c')] }]);
  expect(log.since(4, sees)).toEqual([]);
  log.add(bigRound(4, 1), []);
  log.add(bigRound(5, 1), []);
  expect(log.since(1, sees)).toBeUndefined();
  expect(log.since(99, sees)).toBeUndefined();
});

test('tokens of another tenant do not open the channel', async () => {
  const { address } = await openFixture([]);
  const stranger = await openTablet(address, 'stranger-token');
  await vi.waitFor(() => expect(stranger.closeCode()).toBe(4401));
});

test('a message before the token is answered, and a frame that is no JSON too', async () => {
  const { address } = await openFixture([]);
  const tablet = await openTablet(address, 'crew-token');
  tablet.socket.send('{');
  await vi.waitFor(() => expect(tablet.of('error').at(-1)).toMatchObject({ message: 'not JSON' }));
});

test('a frame of more than 64 KiB closes the socket', async () => {
  const { address } = await openFixture([]);
  const tablet = await openTablet(address, 'crew-token');
  tablet.socket.send(JSON.stringify({ type: 'ping', ballast: 'x'.repeat(70_000) }));
  await vi.waitFor(() => expect(tablet.closeCode()).toBe(1009));
});

test('one token opens at most twenty tablets', async () => {
  const { address } = await openFixture([]);
  const tablets: Awaited<ReturnType<typeof openTablet>>[] = [];
  for (let index = 0; index < 21; index++) {
    const tablet = await openTablet(address, 'crew-token');
    if (index < 20) await vi.waitFor(() => expect(tablet.of('hello')).toHaveLength(1));
    tablets.push(tablet);
  }
  await vi.waitFor(() => expect(tablets.at(-1)!.closeCode()).toBe(1008));
});
