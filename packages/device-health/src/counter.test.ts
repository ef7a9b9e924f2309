import { expect, test } from 'vitest';
import { followCounter } from './counter.ts';
import type { CounterTrack } from './counter.ts';
import { randomFrom } from './testing.ts';

type Seen = Parameters<typeof followCounter>[1];

function follow(all: Seen[]): { kinds: string[]; track: CounterTrack } {
  let track: CounterTrack | undefined;
  const kinds = all.map((seen) => {
    const result = followCounter(track, seen);
    track = result.track;
    return result.step.kind === 'gap' ? `gap ${result.step.from}-${result.step.to}` : result.step.kind;
  });
  return { kinds, track: track! };
}
const bits8 = (...counters: number[]): Seen[] => counters.map((counter) => ({ session: 's', counter, bits: 8 }));

test('an 8-bit counter that wraps is no restart, with or without losses around the wrap', () => {
  expect(follow(bits8(254, 255, 0, 1)).kinds).toEqual(['next', 'next', 'next', 'next']);
  expect(follow(bits8(253, 2, 3)).kinds).toEqual(['next', 'gap 254-257', 'next']);
});

test('a year of an 8-bit counter with a fifth of the uplinks lost gives no false restart, and the true number of missing ones', () => {
  const random = randomFrom(5);
  let track: CounterTrack | undefined;
  let lost = 0;
  let counted = 0;
  let resets = 0;
  for (let sent = 0; sent < 8760; sent++) {
    if (sent > 0 && sent < 8759 && random() < 0.2) {
      lost += 1;
      continue;
    }
    const { step, track: next } = followCounter(track, { session: '', counter: sent % 256, bits: 8 });
    track = next;
    if (step.kind === 'gap') counted += step.to - step.from + 1;
    if (step.kind === 'reset') resets += 1;
  }
  expect(resets).toBe(0);
  expect(counted).toBe(lost);
});

test('a new session, a join, or a counter that fell far is a restart', () => {
  const lorawan = (session: string, counter: number, joined?: boolean): Seen => ({
    session,
    counter,
    bits: 32,
    joined,
  });
  expect(follow([lorawan('a', 500), lorawan('b', 0), lorawan('b', 1)]).kinds).toEqual(['next', 'reset', 'next']);
  expect(follow([lorawan('', 500), lorawan('', 0, true)]).kinds).toEqual(['next', 'reset']);
  expect(follow([lorawan('a', 5000), lorawan('a', 0), lorawan('a', 1)]).kinds).toEqual(['next', 'reset', 'next']);
});

test('an uplink that comes late is late, not a restart, and moves nothing back', () => {
  const { kinds, track } = follow([10, 13, 11, 12, 14].map((counter) => ({ session: 'a', counter, bits: 16 })));
  expect(kinds).toEqual(['next', 'gap 11-12', 'late', 'late', 'next']);
  expect(track.last).toBe(14);
});

test('the same counter again, right after a wrap, is a late copy', () => {
  expect(follow(bits8(255, 0, 255)).kinds).toEqual(['next', 'next', 'late']);
});
