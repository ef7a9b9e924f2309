import { computed, signal } from '@preact/signals';
import type { Asset, CrewEvent, Round, RoundBreak, Stop } from '@ronde/contracts';
import type { LinkState } from '../shared/live/resilient-socket.ts';
import type { Unseen } from './changes.ts';
import { chooseRound, currentStop, isEnded, overlay } from './overlay.ts';
import type { Entry } from './outbox.ts';

/** Connection of the live channel, and whether the browser sees a network at all. */
export const link = signal<LinkState>({ kind: 'stopped' });
export const isOnline = signal(navigator.onLine);
export const hasReach = computed(() => isOnline.value && link.value.kind === 'live');

/** Rounds as the server last told them. */
export const serverRounds = signal<readonly Round[]>([]);
/** False until storage or server has told about rounds. */
export const isLoaded = signal(false);
/** Rounds as shown; they stand still while a dialog is open, so that nothing moves under the finger. */
export const shownRounds = signal<readonly Round[]>([]);
export const unseen = signal<Unseen | undefined>(undefined);
export const openDialogs = signal(0);

export const entries = signal<readonly Entry[]>([]);
export const waiting = computed(() => entries.value.filter(({ fault }) => fault === undefined));
export const refused = computed(() => entries.value.filter(({ fault }) => fault !== undefined));

export const assets = signal<ReadonlyMap<string, Asset>>(new Map());
/** A storage that does not take marks: the one fault that stops the work. */
export const storageFault = signal('');

export const chosenRoundId = signal<string | undefined>(undefined);
export const chosenStopId = signal<string | undefined>(undefined);
/** Bins of the current stop that will not be emptied: left out, or found empty. */
export const leftOutBins = signal<ReadonlyMap<string, 'left' | 'empty'>>(new Map());

export const round = computed<Round | undefined>(() => {
  const chosen = chooseRound(shownRounds.value, chosenRoundId.value);
  const pending: CrewEvent[] = waiting.value.map(({ event }) => event);
  return chosen && overlay(chosen, pending);
});
export const current = computed<Stop | undefined>(() => round.value && currentStop(round.value, chosenStopId.value));
/** Breaks of this round at a stop, planned or had. */
export const breaksAt = ({ id }: Stop): RoundBreak[] =>
  (round.value?.breaks ?? []).filter(({ stopId }) => stopId === id);
export const progress = computed(() => {
  const stops = round.value?.stops ?? [];
  return { done: stops.filter(isEnded).length, total: stops.length };
});

/** What the crew did last and may still take back. */
export interface Undoable {
  ids: string[];
  stop: Stop;
  roundId: string;
  kind: CrewEvent['kind'];
  untilMs: number;
}
export const undoable = signal<Undoable | undefined>(undefined);

/** The map is a help, never needed: shown at once only where it has its own column. */
export const isMapShown = signal(matchMedia('(min-width: 1000px) and (orientation: landscape)').matches);
