import { computed, signal } from '@preact/signals';
import type { Stop, StopConflict } from '@ronde/contracts';
import { round } from './state.ts';

const STORAGE_KEY = 'ronde.crew.conflicts';
/** As many as a busy week brings; older ones are of rounds long gone. */
const KEPT = 200;

const seen = signal<readonly string[]>(readKept());

/** Contradictions in this round that nobody has looked at on this tablet, with their stops. */
export const unseenConflicts = computed<{ stop: Stop; conflict: StopConflict }[]>(() =>
  (round.value?.stops ?? []).flatMap((stop) =>
    (stop.conflicts ?? [])
      .filter(({ eventId }) => !seen.value.includes(eventId))
      .map((conflict) => ({ stop, conflict })),
  ),
);

/** The crew read them: they stay with their stops, and ask for no more attention. */
export function markConflictsSeen(): void {
  seen.value = [...seen.value, ...unseenConflicts.value.map(({ conflict }) => conflict.eventId)].slice(-KEPT);
  localStorage.setItem(STORAGE_KEY, JSON.stringify(seen.value));
}

function readKept(): string[] {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]') as string[];
  } catch {
    return [];
  }
}
