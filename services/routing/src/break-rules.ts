import { BreakRule, type Vehicle } from '@ronde/contracts';
import { DUTCH_WORKING_HOURS, EU_DRIVING_TIME, type BreakRules, type DutySoFar } from '@ronde/solver';

type SoFar = Required<DutySoFar>;

const FRESH: SoFar = { workedS: 0, breakS: 0, sinceBreakS: 0, drivenS: 0, firstPartTaken: false };

/** Reads `BREAK_RULES`: names of rules, apart by commas; `none` for none. */
export function toBreakRules(text: string): BreakRule[] {
  return text.split(',').flatMap((name) => BreakRule.safeParse(name.trim()).data ?? []);
}

/**
 * Gives the rules that can still ask something of a crew in the time it has left, so that a shift which is too short for
 * them, or has had its breaks, costs the solver nothing.
 * @param usual rules of a vehicle that names none
 * @param restS longest time that the duty may still last
 */
export function breaksOf(
  { breakRules }: Pick<Vehicle, 'breakRules'>,
  usual: readonly BreakRule[],
  { soFar = FRESH, restS }: { soFar?: SoFar | undefined; restS: number },
): { breaks?: BreakRules; soFar?: SoFar } {
  const names = breakRules ?? usual;
  const owed = names.includes('working-hours')
    ? (DUTCH_WORKING_HOURS.owed ?? []).filter(
        ({ overS, breakS }) => soFar.workedS + restS > overS && soFar.breakS < breakS,
      )
    : [];
  const driving = EU_DRIVING_TIME.driving!;
  const mayTire = names.includes('driving-time') && soFar.drivenS + restS > driving.longestS;
  if (owed.length === 0 && !mayTire) return {};
  const { leastPartS } = DUTCH_WORKING_HOURS;
  const breaks = { leastPartS, ...(owed.length > 0 && { owed }), ...(mayTire && { driving }) };
  return { breaks, ...(soFar !== FRESH && { soFar }) };
}

/** Most seconds of break that a duty may still owe: room that promised stops leave for them. */
export function mostOwedS({ breaks, soFar }: { breaks?: BreakRules; soFar?: SoFar }): number {
  if (!breaks) return 0;
  const most = Math.max(0, ...(breaks.owed ?? []).map(({ breakS }) => breakS));
  return Math.max(most - (soFar?.breakS ?? 0), breaks.driving?.resetS ?? 0);
}
