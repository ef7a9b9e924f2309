import { expect, test } from 'vitest';
import type { Round, Stop } from '@ronde/contracts';
import { diffRounds } from './round-diff.ts';
import { aboardOf, splitRound } from './committed.ts';

function stop(id: string, seq: number, more: Partial<Stop> = {}): Stop {
  return {
    id,
    seq,
    kind: 'asset',
    assetIds: [id],
    name: id,
    lat: 52,
    lon: 5,
    reason: '92 % full: needs emptying now',
    eta: new Date(Date.UTC(2026, 0, 5, 8, seq * 5)).toISOString(),
    status: 'planned',
    ...more,
  };
}
function round(stops: Stop[], more: Partial<Round> = {}): Round {
  return {
    id: 'r',
    version: 1,
    planId: 'p',
    vehicleId: 'v',
    crewId: 'c',
    status: 'active',
    startsAt: '2026-01-05T08:00:00.000Z',
    endsAt: '2026-01-05T12:00:00.000Z',
    stops,
    leftOut: [],
    distanceM: 0,
    durationS: 0,
    ...more,
  };
}

test('a new stop and a dropped one are told, and those that only shift place are not', () => {
  const before = round([stop('a', 1), stop('b', 2), stop('c', 3)]);
  const after = round([stop('a', 1), stop('x', 2), stop('c', 3)]);
  expect(diffRounds(before, after).map(({ kind, stopId }) => `${kind} ${stopId}`)).toEqual(['added x', 'removed b']);
});

test('only the stop that really moved is called moved', () => {
  const before = round(['a', 'b', 'c', 'd'].map((id, i) => stop(id, i + 1)));
  const after = round(['a', 'c', 'd', 'b'].map((id, i) => stop(id, i + 1)));
  const moved = diffRounds(before, after).filter(({ kind }) => kind === 'moved');
  expect(moved.map(({ stopId }) => stopId)).toEqual(['b']);
  expect(moved[0]!.text).toBe('b is now stop 4');
});

test('a first version has nothing to compare with', () => {
  expect(diffRounds(undefined, round([stop('a', 1)]))).toEqual([]);
});

test('executed stops, the current one and the next two are out of reach of a new version', () => {
  const parts = splitRound(
    round([stop('a', 1, { status: 'done' }), ...['b', 'c', 'd', 'e'].map((id, i) => stop(id, i + 2))]),
  );
  expect(parts.executed.map(({ id }) => id)).toEqual(['a']);
  expect(parts.committed.map(({ id }) => id)).toEqual(['b', 'c', 'd']);
  expect(parts.open.map(({ id }) => id)).toEqual(['e']);
});

test('a round that nobody has started may change in whole', () => {
  expect(splitRound(round([stop('a', 1)], { status: 'published' })).committed).toEqual([]);
});

test('the load aboard counts from the last tipping', () => {
  const done = (id: string, seq: number, loadKg: number) => stop(id, seq, { status: 'done', loadKg });
  expect(
    aboardOf(
      round([done('a', 1, 40), stop('t', 2, { kind: 'disposal', status: 'done' }), done('b', 3, 25)]),
      'residual',
    )[0]!.loadKg,
  ).toBe(25);
});
