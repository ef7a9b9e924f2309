import type { DisposalSite, Problem } from '../problem.ts';

/** A site's expected queue by time of day. */
export interface Queue {
  readonly weighInS: number;
  readonly fromS: Float64Array;
  readonly waitS: Float64Array;
}

/** Gives the queues per site; undefined when no site has one. */
export function compileQueues(problem: Problem): (Queue | undefined)[] | undefined {
  const sites = problem.sites ?? [];
  if (!sites.some(({ queue }) => queue?.length)) return undefined;
  return sites.map(({ queue, weighInS }: DisposalSite) =>
    queue?.length
      ? {
          weighInS: weighInS ?? 0,
          fromS: Float64Array.from([-Infinity, ...queue.map(({ fromS }) => fromS)]),
          waitS: Float64Array.from([0, ...queue.map(({ waitS }) => waitS)]),
        }
      : undefined,
  );
}

/**
 * Seconds a truck waits between weigh-in and unloading when its weigh-in starts at startS. It never gains by coming
 * later: where the queue shortens at an hour, those who stand in it are let in with that hour's newcomers.
 */
export function queueS({ weighInS, fromS, waitS }: Queue, startS: number): number {
  const join = startS + weighInS;
  const last = fromS.length - 1;
  let turn = Math.max(fromS[last]!, join) + waitS[last]!;
  for (let k = last - 1; k >= 0 && fromS[k + 1]! > join; k--)
    turn = Math.min(turn, Math.max(fromS[k]!, join) + waitS[k]!);
  return turn - join;
}

/** The latest start of a weigh-in from which the truck begins to unload by turnS; -Infinity when there is none. */
export function latestWeighIn({ weighInS, fromS, waitS }: Queue, turnS: number): number {
  let latest = -Infinity;
  for (let k = 0; k < fromS.length; k++) {
    if (fromS[k]! + waitS[k]! > turnS) continue;
    // who joins at the very end of a period queues with the next one
    const untilS = k + 1 < fromS.length ? fromS[k + 1]! - 1e-6 : Infinity;
    latest = Math.max(latest, Math.min(turnS - waitS[k]!, untilS));
  }
  return latest - weighInS;
}
