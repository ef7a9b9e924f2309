import type { Random } from '../random.ts';
import { dropIdleDisposals } from './disposal.ts';
import type { Journal } from './journal.ts';
import type { Neighbours } from './neighbours.ts';
import type { RouteState } from './route-state.ts';
import { markAbsent, refresh } from './state.ts';
import type { State } from './state.ts';

// Christiaens & Vanden Berghe 2020, §5.1: average removals, longest string, chances of splitting and of a wider split.
const REMOVED_ON_AVERAGE = 10;
const LONGEST_STRING = 10;
const SPLIT_CHANCE = 0.5;
const WIDEN_CHANCE = 0.01;

/** How often a whole route goes, so that the number of trucks can change. */
const ROUTE_CHANCE = 0.01;

/** What a ruin works with. */
export interface RuinContext {
  readonly state: State;
  readonly neighbours: Neighbours;
  readonly random: Random;
  readonly journal: Journal;
}

/** Removes the stops of seq[from…to) but for those in [keepFrom…keepTo); disposal visits stay. */
function removeString(
  context: RuinContext,
  route: RouteState,
  string: { from: number; to: number; keepFrom: number; keepTo: number },
): void {
  const { state, journal } = context;
  journal.touch(route);
  let len = string.from;
  for (let i = string.from; i < route.len; i++) {
    const node = route.seq[i]!;
    const goes = i < string.to && (i < string.keepFrom || i >= string.keepTo) && node < state.model.stopCount;
    if (goes) markAbsent(state, node);
    else route.seq[len++] = node;
  }
  route.len = len;
}

/** Removes a string, or one with a gap, that contains a stop. */
function ruinAround(context: RuinContext, route: RouteState, at: number, longest: number): void {
  const { random } = context;
  const free = route.len - route.locked;
  const length = 1 + random.int(Math.min(longest, free));
  let kept = 0;
  if (length > 1 && random.float() < SPLIT_CHANCE) {
    kept = 1;
    while (length + kept < free && random.float() < WIDEN_CHANCE) kept++;
    if (length + kept > free) kept = 0;
  }
  const span = length + kept;
  const lowest = Math.max(route.locked, at - span + 1);
  const highest = Math.min(at, route.len - span);
  const from = lowest + random.int(highest - lowest + 1);
  const keepFrom = from + 1 + (kept ? random.int(length - 1) : 0);
  removeString(context, route, { from, to: from + span, keepFrom, keepTo: keepFrom + kept });
}

/**
 * Removes strings of stops from routes near a stop (adjacent string removal).
 * @returns the stop in the middle
 */
export function ruin(context: RuinContext): number {
  const { state, neighbours, random, journal } = context;
  const { focus } = state;
  const { stopCount } = state.model;
  const served = stopCount - state.absentCount;
  const wholeRoute = random.float() < ROUTE_CHANCE;
  const drawn = (): number => (focus ? focus.stops[random.int(focus.stops.length)]! : random.int(stopCount));
  const missing = state.requiredLeft > 0 && random.float() < 0.3;
  const seed = missing ? state.absent[random.int(state.absentCount)]! : drawn();
  const longest = Math.max(1, Math.min(LONGEST_STRING, Math.floor(served / Math.max(1, state.inUseCount))));
  const most = (4 * REMOVED_ON_AVERAGE) / (1 + longest) - 1;
  const strings = 1 + Math.floor(random.float() * most);
  for (let k = -1; k < neighbours.width && journal.touched.length < strings; k++) {
    const stop = k < 0 ? seed : neighbours.list[seed * neighbours.width + k]!;
    const route = state.routes[state.routeOf[stop]!];
    if (!route || route.closed || state.posOf[stop]! < route.locked || journal.touched.includes(route)) continue;
    if (wholeRoute) removeString(context, route, { from: route.locked, to: route.len, keepFrom: 0, keepTo: 0 });
    else ruinAround(context, route, state.posOf[stop]!, longest);
    if (wholeRoute) break;
  }
  for (const route of journal.touched) {
    refresh(state, route);
    dropIdleDisposals(state, route);
  }
  return seed;
}
