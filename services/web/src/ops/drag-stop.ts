import { batch, signal } from '@preact/signals';
import type { Round, Stop } from '@ronde/contracts';
import { isOpenRound, rounds, stopName } from './state.ts';
import { priceMove, sayPrice, type Place, type Priced } from './stop-move.ts';
import { t } from './text.ts';

/** A stop in somebody's hand. */
export interface Held {
  roundId: string;
  stopId: string;
  name: string;
}

/** The stop that is dragged now. */
export const held = signal<Held | undefined>(undefined);
/** Where the pointer is, px in the window; apart from the rest, since it changes with every move. */
export const heldAt = signal({ x: 0, y: 0 });
/** Where it would go if it were let go now; undefined = nowhere. */
export const dropPlace = signal<Place | undefined>(undefined);
/** What that would cost, once the pointer has rested there. */
export const dropPrice = signal('');
/** Rounds that opened because the pointer rested on them. */
export const sprungOpen = signal<ReadonlySet<string>>(new Set());
/** A stop that was let go over a place, to be priced and confirmed. */
export const dropped = signal<{ held: Held; place: Place; priced: Priced | undefined } | undefined>(undefined);

/** Below this a press is a click with an unsteady hand. */
const DRAG_FROM_PX = 6;
const REST_MS = 350;
const SPRING_MS = 500;
const EDGE_PX = 56;
const SCROLL_PX = 12;
/** With a mouse the whole row may be gripped, but for what has a use of its own. */
const OWN_USE = 'button, a, summary, select, input';

export const canMove = (round: Round, stop: Stop): boolean =>
  isOpenRound(round) && stop.kind === 'asset' && stop.status === 'planned';

/**
 * Begins to drag a row's stop when the pointer moves on: by its grip with any pointer, by the rest of the row with a mouse.
 * The form under "move" does the same without dragging (WCAG 2.5.7).
 */
export function pressStop(event: PointerEvent, round: Round, stop: Stop): void {
  const pressed = event.target as Element;
  const isGrip = pressed.closest('.stop__grip') !== null;
  const isRow = event.pointerType === 'mouse' && pressed.closest(OWN_USE) === null;
  if (!event.isPrimary || event.button !== 0 || !canMove(round, stop) || !(isGrip || isRow)) return;
  follow(event, { roundId: round.id, stopId: stop.id, name: stopName(stop) });
}

/** Follows one pointer until it lets go, is taken away, or Escape is pressed. */
function follow(first: PointerEvent, stop: Held): void {
  const rest = createRest(stop);
  let frame = 0;
  const listeners = new AbortController();
  const { signal: until } = listeners;
  const end = (): void => {
    listeners.abort();
    cancelAnimationFrame(frame);
    rest.stop();
    document.documentElement.classList.remove('is-dragging');
    batch(() => {
      held.value = undefined;
      dropPlace.value = undefined;
      dropPrice.value = '';
      if (!dropped.peek()) sprungOpen.value = new Set();
    });
  };
  const look = (): void => {
    const { x, y } = heldAt.peek();
    scrollAtEdge(y);
    rest.over(placeUnder(x, y, stop));
    frame = requestAnimationFrame(look);
  };
  const move = (event: PointerEvent): void => {
    if (event.pointerId !== first.pointerId) return;
    const isFar = Math.hypot(event.clientX - first.clientX, event.clientY - first.clientY) >= DRAG_FROM_PX;
    if (!held.peek() && !isFar) return;
    event.preventDefault();
    heldAt.value = { x: event.clientX, y: event.clientY };
    if (held.peek()) return;
    getSelection()?.removeAllRanges();
    document.documentElement.classList.add('is-dragging');
    batch(() => {
      held.value = stop;
      dropped.value = undefined;
      sprungOpen.value = new Set();
    });
    look();
  };
  const release = (event: PointerEvent): void => {
    if (event.pointerId !== first.pointerId) return;
    const place = held.peek() && dropPlace.peek();
    if (place) dropped.value = { held: stop, place, priced: rest.pricedAt(place) };
    end();
  };
  window.addEventListener('pointermove', move, { signal: until, passive: false });
  window.addEventListener('pointerup', release, { signal: until });
  window.addEventListener('pointercancel', end, { signal: until });
  window.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape') return;
      event.stopImmediatePropagation();
      end();
    },
    { signal: until, capture: true },
  );
}

interface Under {
  place: Place | undefined;
  /** A closed round whose head is under the pointer. */
  closedRoundId: string | undefined;
}

/** Finds the place between rows that is nearest to the pointer. */
function placeUnder(x: number, y: number, stop: Held): Under {
  const under = document.elementFromPoint(x, y);
  const row = under?.closest<HTMLElement>('[data-stop]');
  const lane = under?.closest<HTMLElement>('[data-round]');
  const round = rounds.get(lane?.dataset['round'] ?? '');
  if (!round || !isOpenRound(round)) return { place: undefined, closedRoundId: undefined };
  const isClosed = lane?.querySelector('[data-stop]') === null;
  if (!row) {
    const onHead = under?.closest('.lane__head, .lane__bar, .lane__facts') !== null;
    const place = onHead ? { roundId: round.id, behindStopId: null } : undefined;
    return { place, closedRoundId: isClosed ? round.id : undefined };
  }
  const { top, height } = row.getBoundingClientRect();
  const index = round.stops.findIndex(({ id }) => id === row.dataset['stop']);
  const behind = round.stops[y < top + height / 2 ? index - 1 : index];
  const place = { roundId: round.id, behindStopId: behind?.status === 'planned' ? behind.id : null };
  return { place: isSamePlace(round, stop, place) ? undefined : place, closedRoundId: undefined };
}

/** Behind itself, or behind the one it stands behind: no move at all. */
function isSamePlace({ id, stops }: Round, stop: Held, { roundId, behindStopId }: Place): boolean {
  if (id !== stop.roundId || roundId !== id) return false;
  const before = stops[stops.findIndex((other) => other.id === stop.stopId) - 1];
  return behindStopId === stop.stopId || behindStopId === (before?.status === 'planned' ? before.id : null);
}

/** Waits for the pointer to rest: then a place tells its price, and a closed round opens. */
function createRest(stop: Held) {
  let restTimer: ReturnType<typeof setTimeout> | undefined;
  let springTimer: ReturnType<typeof setTimeout> | undefined;
  let springId: string | undefined;
  let priced: { place: Place; answer: Priced } | undefined;
  const isAt = (a: Place | undefined, b: Place | undefined): boolean =>
    a?.roundId === b?.roundId && a?.behindStopId === b?.behindStopId;
  const ask = async (place: Place): Promise<void> => {
    const answer = await priceMove(moveTo(stop, place));
    // the hand went on while the server reckoned, or holds another stop by now
    if (held.peek() !== stop || !isAt(place, dropPlace.peek())) return;
    if (answer.ok) priced = { place, answer };
    dropPrice.value = answer.ok ? sayPrice(answer.quote) : answer.reason;
  };
  return {
    over({ place, closedRoundId }: Under): void {
      if (closedRoundId !== springId) {
        clearTimeout(springTimer);
        springId = closedRoundId;
        if (closedRoundId !== undefined)
          springTimer = setTimeout(() => (sprungOpen.value = new Set(sprungOpen.peek()).add(closedRoundId)), SPRING_MS);
      }
      if (isAt(place, dropPlace.peek())) return;
      clearTimeout(restTimer);
      batch(() => {
        dropPlace.value = place;
        dropPrice.value = place ? t('movePricing') : '';
      });
      if (place) restTimer = setTimeout(() => void ask(place), REST_MS);
    },
    pricedAt: (place: Place): Priced | undefined => (isAt(priced?.place, place) ? priced?.answer : undefined),
    stop(): void {
      clearTimeout(restTimer);
      clearTimeout(springTimer);
    },
  };
}

/** A move in the words of the API. */
export function moveTo({ roundId, stopId }: Held, place: Place) {
  return { roundId, stopId, toRoundId: place.roundId, behindStopId: place.behindStopId };
}

function scrollAtEdge(y: number): void {
  const list = document.querySelector('.rounds__list');
  if (!list) return;
  const { top, bottom } = list.getBoundingClientRect();
  // the nearer to the edge, the quicker
  const beyondPx = Math.max(0, top + EDGE_PX - y) - Math.max(0, y - bottom + EDGE_PX);
  list.scrollTop -= Math.max(-1, Math.min(1, beyondPx / EDGE_PX)) * SCROLL_PX;
}
