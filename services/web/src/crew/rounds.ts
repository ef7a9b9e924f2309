import { batch, effect, untracked } from '@preact/signals';
import type { CrewEvent, CrewRoundMessage, CrewSnapMessage, Round, RoundChange } from '@ronde/contracts';
import { addChanges, type Unseen } from './changes.ts';
import { overlay } from './overlay.ts';
import { isLoaded, openDialogs, serverRounds, shownRounds, unseen } from './state.ts';
import type { Snapshot } from './tablet-store.ts';

/** Rounds from the server to the screen: kept for a cold start, labelled when changed, never moved under the finger. */
export interface Rounds {
  restore(snapshot: Snapshot | undefined): void;
  receive(message: CrewSnapMessage | CrewRoundMessage): void;
  /** The server has this event: what it did to the round stays, also before the next version says so. */
  settle(event: CrewEvent): void;
  /** The crew looked at the changes. */
  seen(): void;
  stop(): void;
}

export interface RoundsDeps {
  save(snapshot: Snapshot): void;
  /** A version is on the screen. */
  onShown(round: Round): void;
}

/** Makes the keeper of rounds. */
export function createRounds({ save, onShown }: RoundsDeps): Rounds {
  const told = new Map<string, RoundChange[]>();
  const stop = effect(() => {
    const next = serverRounds.value;
    if (openDialogs.value === 0) show(next);
  });

  function show(next: readonly Round[]): void {
    const before = new Map(shownRounds.peek().map((round) => [round.id, round]));
    const changed = next.filter((round) => before.get(round.id)?.version !== round.version);
    let notes = unseen.peek();
    for (const round of changed) {
      const old = before.get(round.id);
      if (old) notes = addChanges(notes, old, round, told.get(round.id)) ?? forget(notes, round.id);
      told.delete(round.id);
    }
    batch(() => {
      shownRounds.value = next;
      if (notes !== unseen.peek()) unseen.value = notes;
    });
    untracked(() => changed.forEach(onShown));
  }
  const keep = (): void => {
    const notes = unseen.peek();
    save({ rounds: [...serverRounds.peek()], ...(notes && { unseen: notes }) });
  };
  const put = (rounds: readonly Round[]): void => {
    batch(() => {
      serverRounds.value = rounds;
      isLoaded.value = true;
    });
    keep();
  };

  return {
    restore(snapshot) {
      if (!snapshot || serverRounds.peek().length > 0) return;
      unseen.value = snapshot.unseen;
      shownRounds.value = snapshot.rounds;
      serverRounds.value = snapshot.rounds;
      isLoaded.value = true;
    },
    receive(message) {
      if (message.type === 'snap') return put(message.rounds);
      const { round, changes } = message;
      const current = serverRounds.peek().find(({ id }) => id === round.id);
      if (current && current.version > round.version) return;
      told.set(round.id, [...(told.get(round.id) ?? []), ...changes]);
      put([...serverRounds.peek().filter(({ id }) => id !== round.id), round]);
    },
    settle: (event) => put(serverRounds.peek().map((round) => overlay(round, [event]))),
    seen() {
      unseen.value = undefined;
      keep();
    },
    stop,
  };
}

function forget(unseen: Unseen | undefined, roundId: string): Unseen | undefined {
  return unseen?.roundId === roundId ? undefined : unseen;
}
