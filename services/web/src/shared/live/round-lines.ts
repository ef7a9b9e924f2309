import { signal } from '@preact/signals';
import type { Round, RoundLine, Stop } from '@ronde/contracts';
import { call } from '../rest.ts';

type Leg = readonly [number, number][];
/** Streets by the stops they join; a round keeps what it knew until the next version's are there. */
type Legs = ReadonlyMap<string, Leg>;

const byRound = signal<ReadonlyMap<string, Legs>>(new Map());
/** The order of stops that each round's streets were asked for last. */
const asked = new Map<Round['id'], string>();
/** Whose map the streets are from: it is named on every map that shows them. */
export const streetCredit = signal('');

/**
 * Gives the streets of a round, one leg to each stop and one home, and asks the server for them when its order of stops is
 * new: a crew that serves one out of turn changes the order without a new version. A leg that is not known yet is empty.
 */
export function legsOf({ id, stops }: Pick<Round, 'id' | 'stops'>): Leg[] {
  const order = stops.map((stop) => stop.id);
  const key = order.join('>');
  if (order.length > 0 && asked.get(id) !== key) {
    asked.set(id, key);
    void call<RoundLine>(`/v1/rounds/${id}/line`).then((answer) => {
      // a server that is away is asked again with the next order; an answer to an earlier order comes too late
      if (!answer.ok || asked.get(id) !== key) return;
      byRound.value = new Map(byRound.peek()).set(id, byEnds(answer.value));
      streetCredit.value = answer.value.credit ?? '';
    });
  }
  const known = byRound.value.get(id);
  return [...order, null].map((to, index) => known?.get(endsOf(order[index - 1] ?? null, to)) ?? []);
}

function byEnds({ legs }: RoundLine): Legs {
  return new Map(
    legs.map(({ stopId, line }, index) => [endsOf(legs[index - 1]?.stopId ?? null, stopId), line.coordinates]),
  );
}

/** null = the depot. */
function endsOf(from: Stop['id'] | null, to: Stop['id'] | null): string {
  return `${from ?? ''}>${to ?? ''}`;
}
