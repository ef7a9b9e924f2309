import type { Vehicle } from '@ronde/contracts';
import type { Vehicle as SolverVehicle } from '@ronde/solver';
import type { Duty } from './build-problem.ts';
import type { RoutingConfig } from './config.ts';
import { FRACTIONS } from './loads.ts';
import { capacityOf } from './locked-loads.ts';

type Rules = Pick<
  SolverVehicle,
  'compartments' | 'overloadChance' | 'cleanOutS' | 'maxUnfamiliar' | 'unfamiliarCost' | 'mayEndWith'
>;

/** The rules of a vehicle that hold whatever its round. */
export function vehicleRulesOf(
  { vehicle, depot }: Duty,
  config: RoutingConfig,
  /** Some stop is known to some crew. */
  isAnyKnown: boolean,
): Rules {
  const { compartments, cleanOutTimeS, maxUnfamiliarStops } = vehicle;
  const chance = overloadChanceOf(vehicle, config);
  const [bodyKg, bodyL] = capacityOf({ vehicle });
  return {
    ...(compartments && {
      compartments: compartments.map(({ fractions, capacityKg, capacityL }) => ({
        fractions: fractions.map((fraction) => FRACTIONS.indexOf(fraction)),
        capacity: [capacityKg ?? bodyKg, capacityL ?? bodyL],
      })),
    }),
    ...(chance > 0 && { overloadChance: chance }),
    ...(cleanOutTimeS !== undefined && { cleanOutS: cleanOutTimeS }),
    ...(isAnyKnown && maxUnfamiliarStops !== undefined && { maxUnfamiliar: maxUnfamiliarStops }),
    ...(isAnyKnown && config.COST_UNFAMILIAR_EUR > 0 && { unfamiliarCost: config.COST_UNFAMILIAR_EUR * 100 }),
    ...(depot.mayParkLoaded?.length && { mayEndWith: depot.mayParkLoaded.map((name) => FRACTIONS.indexOf(name)) }),
  };
}

/** Largest chance that a trip of a vehicle weighs too much; 0 = its loads count as certain. */
export function overloadChanceOf({ overloadChance }: Vehicle, config: Pick<RoutingConfig, 'OVERLOAD_CHANCE'>): number {
  return overloadChance ?? config.OVERLOAD_CHANCE;
}
