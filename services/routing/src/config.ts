import { z } from 'zod';
import { BreakRule } from '@ronde/contracts';

/** Environment of the routing role. */
export const RoutingConfig = z.object({
  TENANT: z.string().default('default').describe('tenant of this installation'),
  PUBLIC_URL: z
    .string()
    .optional()
    .describe('Address under which browsers reach Ronde; its origin may open WebSockets'),
  SOLVE_S: z.coerce
    .number()
    .min(0.2)
    .max(600)
    .default(3)
    .describe('time the solver may take for one plan [s, host time]'),
  REPLAN_S: z.coerce
    .number()
    .min(0.05)
    .max(60)
    .default(0.25)
    .describe('time the solver may take to change rounds that are all under way [s, host time]'),
  PLAN_MAX_CHANGES: z.coerce
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(12)
    .describe(
      'stops of rounds under way that one plan may add, drop or move; those of a vehicle that fell out come on top',
    ),
  PLAN_RECORDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe('plans kept with all they rest on, to be solved again'),
  PLAN_MIN_GAP_MIN: z.coerce
    .number()
    .min(1)
    .max(240)
    .default(20)
    .describe('shortest time between two plans made on events [min]'),
  HISTORY_DAYS: z.coerce
    .number()
    .int()
    .min(7)
    .max(365)
    .default(56)
    .describe('fill history that forecasts learn from at start [d]'),
  BREAK_RULES: z
    .string()
    .default('working-hours')
    .refine(
      (text) => text === 'none' || text.split(',').every((name) => BreakRule.safeParse(name.trim()).success),
      `is none, or of: ${BreakRule.options.join(', ')}`,
    )
    .describe(
      'breaks of crews whose vehicle names no rules: working-hours (Dutch Working Hours Act), driving-time (EU), both apart by a comma, or none',
    ),
  COST_PER_KM_EUR: z.coerce.number().min(0).default(1.1).describe('cost of a driven kilometre [EUR]'),
  COST_PER_HOUR_EUR: z.coerce.number().min(0).default(72).describe('cost of a vehicle with its crew [EUR/h]'),
  COST_MOVED_EUR: z.coerce
    .number()
    .min(0)
    .default(1)
    .describe('cost of giving a stop of a published round to another vehicle; 0 = none [EUR]'),
  COST_TURNED_EUR: z.coerce
    .number()
    .min(0)
    .default(0.2)
    .describe('cost of turning two stops of a published round round; 0 = none [EUR]'),
  COST_UNFAMILIAR_EUR: z.coerce
    .number()
    .min(0)
    .default(0.5)
    .describe('cost of a stop that other crews know and this one does not; 0 = none [EUR]'),
  COST_AWAY_EUR: z.coerce
    .number()
    .min(0)
    .default(2)
    .describe('cost of a stop outside the home areas of its vehicle, where it has any; 0 = none [EUR]'),
  OVERLOAD_CHANCE: z.coerce
    .number()
    .min(0)
    .max(0.5)
    .default(0.05)
    .describe(
      'largest chance that a trip weighs more than its vehicle may, where the vehicle names none; 0 = loads count as certain',
    ),
  COST_OVERFLOW_EUR: z.coerce
    .number()
    .min(0)
    .default(150)
    .describe('cost of one asset that overflows before its next visit [EUR]'),
});
export type RoutingConfig = z.infer<typeof RoutingConfig>;
