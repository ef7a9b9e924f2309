import { batch } from '@preact/signals';
import type { CrewEvent, SkipReason, Stop } from '@ronde/contracts';
import { BIN_IS_EMPTY } from '../shared/crew-note.ts';
import { createEventIds } from './event-id.ts';
import type { Outbox } from './outbox.ts';
import { stopForFullVehicle } from './overlay.ts';
import { metresTo } from './position.ts';
import { chosenStopId, current, leftOutBins, round, storageFault, undoable } from './state.ts';

/** Time in which a mark can be taken back before it is sent. */
const UNDO_MS = 10_000;
/** A second tap this soon after a mark was meant for the stop before it. */
const SECOND_TAP_MS = 700;

type Fact = Pick<CrewEvent, 'kind'> & Partial<Pick<CrewEvent, 'assetId' | 'reason' | 'note' | 'restedS'>>;

/** Everything a crew can report. Each call is safe to make without reach. */
export interface Marks {
  emptied(stop: Stop): Promise<void>;
  skipped(stop: Stop, reason: SkipReason): Promise<void>;
  /** The crew will not go there. */
  declined(stop: Stop, reason: SkipReason): Promise<void>;
  problem(stop: Stop, note: string): Promise<void>;
  /** The sensor says otherwise: the bin is full. */
  binFull(stop: Stop, assetId: string): Promise<void>;
  binEmpty(stop: Stop, assetId: string): Promise<void>;
  vehicleFull(): Promise<void>;
  /** The crew is back from a break. */
  rested(): Promise<void>;
  undo(): Promise<void>;
  /** Opens an ended stop again: takes back what was not sent, and makes it the current one. */
  reopen(stop: Stop): Promise<boolean>;
}

export interface MarksDeps {
  outbox: Outbox;
  serverNowMs(): number;
  monotonicMs(): number;
}

/** Makes the reports of this tablet. */
export function createMarks({ outbox, serverNowMs, monotonicMs }: MarksDeps): Marks {
  const newId = createEventIds();
  let markedAtMs = -Infinity;

  const eventOf = (stop: Stop, fact: Fact): CrewEvent | undefined => {
    const shown = round.value;
    if (!shown) return undefined;
    const nowMs = serverNowMs();
    const offSiteM = stop.kind === 'asset' ? metresTo(stop) : undefined;
    return {
      id: newId(nowMs),
      roundId: shown.id,
      roundVersion: shown.version,
      stopId: stop.id,
      deviceAt: new Date(nowMs).toISOString(),
      ...fact,
      ...(offSiteM !== undefined && { offSiteM }),
    };
  };
  const keep = async (events: CrewEvent[], holdMs: number): Promise<boolean> => {
    try {
      await outbox.add(events, holdMs);
      storageFault.value = '';
      return true;
    } catch (error) {
      storageFault.value = error instanceof Error ? error.message : String(error);
      return false;
    }
  };
  /** Ends a stop: kept on the tablet first, then the next stop comes up. */
  const end = async (stop: Stop, facts: Fact[]): Promise<void> => {
    if (monotonicMs() - markedAtMs < SECOND_TAP_MS) return;
    const events = facts.map((fact) => eventOf(stop, fact)).filter((event) => event !== undefined);
    const [first] = events;
    if (!first) return;
    markedAtMs = monotonicMs();
    navigator.vibrate?.(60);
    if (!(await keep(events, UNDO_MS))) return;
    batch(() => {
      leftOutBins.value = new Map();
      if (chosenStopId.value === stop.id) chosenStopId.value = undefined;
      undoable.value = {
        ids: events.map(({ id }) => id),
        stop,
        roundId: first.roundId,
        kind: first.kind,
        untilMs: monotonicMs() + UNDO_MS,
      };
    });
  };
  const say = async (stop: Stop, fact: Fact): Promise<void> => {
    const event = eventOf(stop, fact);
    if (event) await keep([event], 0);
  };

  return {
    emptied: (stop) => end(stop, emptiedFacts(stop)),
    skipped: (stop, reason) => end(stop, [{ kind: 'skipped', reason }]),
    declined: (stop, reason) => end(stop, [{ kind: 'declined', reason }]),
    problem: (stop, note) => end(stop, [{ kind: 'problem', note }]),
    binFull: (stop, assetId) => say(stop, { kind: 'full', assetId }),
    async binEmpty(stop, assetId) {
      if (stop.assetIds.length === 1)
        return end(stop, [{ kind: 'skipped', reason: 'not-full', assetId, note: BIN_IS_EMPTY }]);
      leftOutBins.value = new Map(leftOutBins.value).set(assetId, 'empty');
    },
    async vehicleFull() {
      const stop = round.value && stopForFullVehicle(round.value, current.value);
      if (stop) await say(stop, { kind: 'full' });
    },
    async rested() {
      const shown = round.value;
      const stop = current.value ?? shown?.stops.at(-1);
      if (!shown || !stop) return;
      const next = shown.breaks?.find(({ taken }) => !taken);
      const plannedS = next && Math.round((Date.parse(next.endsAt) - Date.parse(next.startsAt)) / 1000);
      await say(stop, { kind: 'rested', ...(plannedS !== undefined && plannedS >= 60 && { restedS: plannedS }) });
    },
    async undo() {
      const last = undoable.value;
      undoable.value = undefined;
      if (!last) return;
      await outbox.takeBack(last.ids);
      chosenStopId.value = last.stop.id;
    },
    async reopen(stop) {
      const roundId = round.value?.id;
      const own = outbox
        .entries()
        .filter(
          ({ event, fault }) =>
            event.stopId === stop.id && event.roundId === roundId && event.kind !== 'full' && fault === undefined,
        );
      if (own.length > 0) await outbox.takeBack(own.map(({ event }) => event.id));
      if (undoable.value?.stop.id === stop.id) undoable.value = undefined;
      chosenStopId.value = stop.id;
      return current.value?.id === stop.id;
    },
  };
}

/** One event for the whole stop, or one per bin when some were left; a bin found empty is told as such. */
function emptiedFacts(stop: Stop): Fact[] {
  const left = leftOutBins.value;
  if (!stop.assetIds.some((id) => left.has(id))) return [{ kind: 'emptied' }];
  const done = stop.assetIds.filter((id) => !left.has(id)).map((assetId): Fact => ({ kind: 'emptied', assetId }));
  const empty = stop.assetIds
    .filter((id) => left.get(id) === 'empty')
    .map((assetId): Fact => ({ kind: 'skipped', reason: 'not-full', assetId, note: BIN_IS_EMPTY }));
  return [...done, ...empty];
}
