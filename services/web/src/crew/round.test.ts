import { describe, expect, test } from 'vitest';
import type { CrewEvent, Round, Stop } from '@ronde/contracts';
import { addChanges, countChanges } from './changes.ts';
import { chooseRound, currentStop, hasBreakToTell, overlay, stopForFullVehicle } from './overlay.ts';
import { createTabletClock, type ClockMemory } from './tablet-clock.ts';

const stop = (id: string, more: Partial<Stop> = {}): Stop => ({
  id,
  seq: 1,
  kind: 'asset',
  assetIds: [`bin-${id}`],
  lat: 52,
  lon: 5,
  eta: '2026-01-05T08:00:00.000Z',
  reason: '',
  status: 'planned',
  ...more,
});
const round = (ids: string[], more: Partial<Round> = {}): Round => ({
  id: 'r1',
  version: 1,
  planId: 'p',
  vehicleId: 'v',
  crewId: 'c',
  status: 'active',
  startsAt: '2026-01-05T07:00:00.000Z',
  endsAt: '2026-01-05T12:40:00.000Z',
  stops: ids.map((id) => stop(id)),
  leftOut: [],
  distanceM: 0,
  durationS: 0,
  ...more,
});
const event = (stopId: string, kind: CrewEvent['kind'], roundId = 'r1'): CrewEvent => ({
  id: `e-${stopId}-${kind}`,
  roundId,
  roundVersion: 1,
  stopId,
  kind,
  deviceAt: '2026-01-05T08:00:00.000Z',
});
const statuses = ({ stops }: Round): string[] => stops.map(({ id, status }) => `${id} ${status}`);

describe('a round with what the server does not have yet', () => {
  test('shows marks made here, and only those of this round', () => {
    const shown = overlay(round(['a', 'b', 'c']), [
      event('a', 'emptied'),
      event('b', 'skipped'),
      event('c', 'emptied', 'other'),
    ]);
    expect(statuses(shown)).toEqual(['a done', 'b skipped', 'c planned']);
  });
  test('an emptied stop stays emptied through a new version that does not know of it', () => {
    const newer = round(['x', 'a', 'b'], { version: 2 });
    expect(statuses(overlay(newer, [event('a', 'emptied'), event('a', 'skipped')]))).toEqual([
      'x planned',
      'a done',
      'b planned',
    ]);
  });
  test('a skipped stop may still be emptied; a full bin changes no stop', () => {
    expect(
      statuses(overlay(round(['a', 'b']), [event('a', 'skipped'), event('a', 'emptied'), event('b', 'full')])),
    ).toEqual(['a done', 'b planned']);
  });
  test('the server’s word stands where this tablet said nothing', () => {
    const told = round([], { stops: [stop('a', { status: 'done' }), stop('b')] });
    expect(overlay(told, [])).toBe(told);
  });
});

describe('the current stop', () => {
  test('is the first open one, or the one the crew chose', () => {
    const shown = overlay(round(['a', 'b', 'c']), [event('a', 'emptied')]);
    expect(currentStop(shown, undefined)?.id).toBe('b');
    expect(currentStop(shown, 'c')?.id).toBe('c');
    expect(currentStop(shown, 'a')?.id).toBe('b');
  });
  test('a skipped stop can be chosen again', () => {
    expect(currentStop(overlay(round(['a', 'b']), [event('a', 'skipped')]), 'a')?.id).toBe('a');
  });
  test('there is none when all is done', () => {
    expect(currentStop(overlay(round(['a']), [event('a', 'emptied')]), undefined)).toBeUndefined();
  });
});

test('the round under way comes before one that starts earlier, and closed ones are never shown', () => {
  const rounds = [
    round([], { id: 'over', status: 'done' }),
    round([], { id: 'early', status: 'published', startsAt: '2026-01-05T05:00:00.000Z' }),
    round([], { id: 'now' }),
  ];
  expect(chooseRound(rounds, undefined)?.id).toBe('now');
  expect(chooseRound(rounds, 'early')?.id).toBe('early');
  expect(chooseRound(rounds, 'over')?.id).toBe('now');
});

test('a full vehicle is told at a tipping stop, where no bin counts as full', () => {
  const tip = stop('tip', { kind: 'disposal', assetIds: [] });
  const shown = round([], { stops: [stop('a'), tip] });
  expect(stopForFullVehicle(shown, stop('a'))?.id).toBe('tip');
  expect(stopForFullVehicle(round(['a']), stop('a'))?.id).toBe('a');
});

test('a break is told once: not again while that waits for reach, nor when the server has it', () => {
  const rest = {
    startsAt: '2026-01-05T10:00:00.000Z',
    endsAt: '2026-01-05T10:30:00.000Z',
    stopId: 'a',
    place: 'after',
  } as const;
  const shown = round(['a', 'b'], { breaks: [rest] });
  expect(hasBreakToTell(shown, [event('a', 'emptied')])).toBe(true);
  expect(hasBreakToTell(shown, [event('b', 'rested', 'other')])).toBe(true);
  expect(hasBreakToTell(shown, [event('b', 'rested')])).toBe(false);
  expect(hasBreakToTell(round(['a'], { breaks: [{ ...rest, taken: true }] }), [])).toBe(false);
  expect(hasBreakToTell(round(['a']), [])).toBe(false);
});

describe('what changed since the crew looked', () => {
  test('names stops that came, went and moved, and keeps the end as it was', () => {
    const notes = addChanges(undefined, round(['a', 'b', 'c']), round(['a', 'c', 'd'], { version: 2 }), [
      { kind: 'moved', stopId: 'c', text: '' },
    ]);
    expect(notes?.kinds).toEqual({ b: 'removed', c: 'moved', d: 'added' });
    expect(notes?.dropped.map(({ id }) => id)).toEqual(['b']);
    expect(notes && countChanges(notes)).toEqual({ added: 1, removed: 1, moved: 1 });
    expect(notes?.endedAt).toBe('2026-01-05T12:40:00.000Z');
  });
  test('adds up over versions that nobody looked at; what came and went again is not told', () => {
    const first = addChanges(
      undefined,
      round(['a']),
      round(['a', 'b'], { version: 2, endsAt: '2026-01-05T12:52:00.000Z' }),
    );
    const second = addChanges(first, round(['a', 'b']), round(['a', 'c'], { version: 3 }));
    expect(second?.kinds).toEqual({ c: 'added' });
    expect(second?.endedAt).toBe('2026-01-05T12:40:00.000Z');
    expect(addChanges(first, round(['a', 'b']), round(['a'], { version: 3 }))).toBeUndefined();
  });
  test('a finished stop that leaves the list is no change', () => {
    const before = round([], { stops: [stop('a', { status: 'done' }), stop('b')] });
    expect(addChanges(undefined, before, round(['b'], { version: 2 }))).toBeUndefined();
  });
});

describe('the tablet’s clock', () => {
  const parts = (memory: ClockMemory | undefined) => {
    const time = { monotonicMs: 0, hostMs: 1_000_000 };
    let kept = memory;
    const clock = createTabletClock({
      monotonicMs: () => time.monotonicMs,
      hostMs: () => time.hostMs,
      memory: { read: () => kept, write: (next) => void (kept = next) },
    });
    const pass = (ms: number, { isAsleep = false } = {}): void => {
      time.hostMs += ms;
      if (!isAsleep) time.monotonicMs += ms;
    };
    return { clock, pass, kept: () => kept };
  };
  const iso = (ms: number): string => new Date(ms).toISOString();

  test('goes on after a restart without reach, at the speed it learned', () => {
    const first = parts(undefined);
    first.clock.observe(iso(50_000_000));
    first.pass(1_000);
    first.clock.observe(iso(50_060_000));
    expect(first.kept()?.rate).toBe(60);
    const second = parts(first.kept());
    second.pass(11_000);
    expect(second.clock.nowMs()).toBe(50_060_000 + 10_000 * 60);
  });
  test('counts the time that the tablet slept', () => {
    const { clock, pass } = parts(undefined);
    clock.observe(iso(50_000_000));
    clock.nowMs();
    pass(600_000, { isAsleep: true });
    expect(clock.nowMs()).toBe(50_600_000);
  });
});
