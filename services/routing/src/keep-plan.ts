import type { Keep } from '@ronde/solver';
import type { BuiltProblem } from './build-problem.ts';
import { isEnded } from './committed.ts';

/**
 * Says what a plan must keep of the rounds as they are: with a limit of changes for those under way, and the places of
 * stops that an operator put there. Undefined when there is nothing to keep.
 * @param isEvent one thing happened, and is to be answered quickly
 * @param orphans assets of rounds whose vehicle fell out: to move them is no change of the plan's making
 */
export function keepOf(
  built: BuiltProblem,
  { changes, orphans, isEvent }: { changes: number; orphans: ReadonlySet<string>; isEvent: boolean },
): Keep | undefined {
  const { duties } = built;
  const byAsset = indexByAsset(built);
  const follows: [number, number][] = [];
  const held: number[] = [];
  // assets that stand together are one stop of the problem, also where two rounds share them
  const seen = new Set<number>();
  const previous = duties.map(({ round, locked }) => {
    const waiting = (round?.stops ?? []).filter(
      (stop) => stop.kind === 'asset' && !isEnded(stop) && !locked.includes(stop),
    );
    const indexOf = (stop: { assetIds: string[] } | undefined): number | undefined =>
      stop?.assetIds.map((id) => byAsset.get(id)).find((index) => index !== undefined);
    for (const stop of waiting) {
      const [index, before] = [indexOf(stop), indexOf(round?.stops.find(({ id }) => id === stop.pinned?.behindStopId))];
      if (index !== undefined && stop.pinned) held.push(index);
      if (index !== undefined && before !== undefined) follows.push([index, before]);
    }
    // one event is no reason to fill the round of a vehicle that stands by
    if (!round && isEvent) return [];
    if (round?.status !== 'active') return undefined;
    return waiting.map(indexOf).filter((index) => {
      if (index === undefined || seen.has(index)) return false;
      seen.add(index);
      return true;
    }) as number[];
  });
  const isRunning = duties.some(({ round }) => round?.status === 'active');
  if (!isRunning && held.length === 0) return undefined;
  const free = [...orphans].flatMap((id) => byAsset.get(id) ?? []);
  const loose = !isEvent && previous.includes(undefined);
  return { previous, changes, loose, free: [...new Set(free)], held, follows };
}

function indexByAsset({ stops }: BuiltProblem): Map<string, number> {
  const byAsset = new Map<string, number>();
  stops.forEach((meaning, index) => {
    const ids = meaning.kind === 'candidate' ? meaning.candidate.assets.map(({ id }) => id) : meaning.stop.assetIds;
    for (const id of ids) byAsset.set(id, index);
  });
  return byAsset;
}
