import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MoveQuote, Round, Stop } from '@ronde/contracts';
import { canMove, dropPlace, dropPrice, dropped, held, pressStop, sprungOpen } from './drag-stop.ts';
import { rounds } from './state.ts';

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
const round = (id: string, more: Partial<Round> = {}): Round => ({
  id,
  version: 1,
  planId: 'p',
  vehicleId: 'v',
  crewId: null,
  status: 'published',
  startsAt: '2026-01-05T07:00:00.000Z',
  endsAt: '2026-01-05T12:40:00.000Z',
  stops: ['a', 'b', 'c'].map((each) => stop(each)),
  leftOut: [],
  distanceM: 0,
  durationS: 0,
  ...more,
});

test('a stop may move while it is planned and its round is open', () => {
  expect(canMove(round('r'), stop('a'))).toBe(true);
  expect(canMove(round('r', { status: 'active' }), stop('a'))).toBe(true);
  expect(canMove(round('r', { status: 'done' }), stop('a'))).toBe(false);
  expect(canMove(round('r', { status: 'cancelled' }), stop('a'))).toBe(false);
  expect(canMove(round('r'), stop('a', { status: 'done' }))).toBe(false);
  expect(canMove(round('r'), stop('tip', { kind: 'disposal', assetIds: [] }))).toBe(false);
});

describe('a drag', () => {
  let hand: EventTarget;
  let answers: (() => void)[];

  /** The page as far as a drag knows it: everything is over the head of the other round. */
  beforeEach(() => {
    hand = new EventTarget();
    answers = [];
    const lane = { dataset: { round: 'other' }, querySelector: () => null };
    const head = { closest: (what: string) => (what === '[data-stop]' ? null : what === '[data-round]' ? lane : {}) };
    vi.stubGlobal('window', hand);
    vi.stubGlobal('document', {
      documentElement: { classList: { add: () => undefined, remove: () => undefined } },
      elementFromPoint: () => head,
      querySelector: () => null,
    });
    vi.stubGlobal('getSelection', () => null);
    vi.stubGlobal('requestAnimationFrame', () => 1);
    vi.stubGlobal('cancelAnimationFrame', () => undefined);
    vi.stubGlobal('fetch', (_: string, { body }: { body: string }) => {
      const { stopId } = JSON.parse(body) as { stopId: string };
      const quote: Partial<MoveQuote> = {
        feasible: true,
        costEur: stopId === 'a' ? 1 : 2,
        distanceM: 0,
        durationS: 0,
        obstacles: [],
      };
      return new Promise((resolve) => answers.push(() => resolve(new Response(JSON.stringify(quote)))));
    });
    rounds.merge([round('r'), round('other')]);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    send('pointercancel');
    dropped.value = undefined;
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function send(type: string, more: object = {}): void {
    hand.dispatchEvent(Object.assign(new Event(type), { pointerId: 1, clientX: 0, clientY: 0, ...more }));
  }
  function press(id: string, from = round('r')): void {
    const target = { closest: (what: string) => (what === '.stop__grip' ? {} : null) };
    const event = { target, isPrimary: true, button: 0, pointerId: 1, pointerType: 'mouse', clientX: 0, clientY: 0 };
    pressStop(event as unknown as PointerEvent, from, stop(id));
    send('pointermove', { clientX: 40 });
  }

  test('begins only in a round that is open', () => {
    press('a', round('r', { status: 'done' }));
    expect(held.value).toBeUndefined();
    press('a');
    expect(held.value?.stopId).toBe('a');
  });

  test('shows no price that was asked for the drag before it', async () => {
    press('a');
    vi.advanceTimersByTime(400);
    send('keydown', { key: 'Escape' });
    press('b');
    expect(dropPlace.value?.roundId).toBe('other');
    const asked = dropPrice.value;
    answers.shift()!();
    await vi.advanceTimersByTimeAsync(400);
    expect(dropPrice.value).toBe(asked);
    answers.shift()!();
    await vi.waitFor(() => expect(dropPrice.value).toMatch(/2,00/));
  });

  test('closes again the rounds that it opened, unless its stop was dropped', () => {
    for (const end of ['keydown', 'pointercancel', 'pointerup'] as const) {
      press('a');
      vi.advanceTimersByTime(600);
      expect([...sprungOpen.value]).toEqual(['other']);
      send(end, { key: 'Escape' });
      expect([...sprungOpen.value]).toEqual(end === 'pointerup' ? ['other'] : []);
    }
  });
});
