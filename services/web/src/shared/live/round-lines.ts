import { signal } from '@preact/signals';
import type { Round, RoundLine } from '@ronde/contracts';
import { call } from '../rest.ts';

type Legs = readonly (readonly [number, number][])[];

const byRound = signal<ReadonlyMap<string, { version: number; legs: Legs }>>(new Map());
const asked = new Set<string>();

/**
 * Gives the streets of a round, one leg to each stop and one home, and asks the server for them the first time a version is
 * shown. Undefined until they come; of an older version, nothing.
 */
export function legsOf({ id, version }: Pick<Round, 'id' | 'version'>): Legs | undefined {
  const known = byRound.value.get(id);
  const key = `${id}@${version}`;
  if (known?.version === version || asked.has(key)) return known?.version === version ? known.legs : undefined;
  asked.add(key);
  void call<RoundLine>(`/v1/rounds/${id}/line`).then((answer) => {
    // a server that is away is asked again with the next version
    if (!answer.ok) return;
    const legs = answer.value.legs.map(({ line }) => line.coordinates);
    byRound.value = new Map(byRound.peek()).set(id, { version: answer.value.version, legs });
  });
  return undefined;
}
