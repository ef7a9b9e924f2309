import type { PreviousRounds } from '@ronde/solver';
import type { Duty, Meaning } from './build-problem.ts';
import { isEnded } from './committed.ts';
import type { RoutingConfig } from './config.ts';

/**
 * Gives the rounds that crews and operators have seen as the plan that is dear to depart from: every stop that another vehicle
 * serves now, and every two that are turned round, cost a little, so that a plan changes only what is worth it.
 */
export function previousOf(
  duties: readonly Duty[],
  stops: readonly Meaning[],
  { COST_MOVED_EUR, COST_TURNED_EUR }: Pick<RoutingConfig, 'COST_MOVED_EUR' | 'COST_TURNED_EUR'>,
): PreviousRounds | undefined {
  if (COST_MOVED_EUR === 0 && COST_TURNED_EUR === 0) return undefined;
  const byAsset = new Map<string, number>();
  stops.forEach((meaning, index) => {
    if (meaning.kind === 'candidate') for (const { id } of meaning.candidate.assets) byAsset.set(id, index);
  });
  // assets that stand together are one stop, also where two rounds share them: the first round has it
  const seen = new Set<number>();
  const rounds = duties.flatMap(({ round, locked }, vehicle) => {
    const open = (round?.stops ?? []).filter((stop) => !isEnded(stop) && !locked.includes(stop));
    const known = open.flatMap(({ assetIds }): number[] => {
      const index = assetIds.map((id) => byAsset.get(id)).find((found) => found !== undefined);
      if (index === undefined || seen.has(index)) return [];
      seen.add(index);
      return [index];
    });
    return known.length > 0 ? [{ vehicle, stops: known }] : [];
  });
  if (rounds.length === 0) return undefined;
  return { rounds, movedCost: COST_MOVED_EUR * 100, orderCost: COST_TURNED_EUR * 100 };
}
