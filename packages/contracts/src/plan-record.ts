import { z } from 'zod';
import { Id, Instant } from './basics.ts';
import { LeftOut } from './plan.ts';

/** How a plan was found: enough, with the problem kept beside it, to find it again. */
export const PlanRecord = z.object({
  /** the plan's id */
  id: Id,
  at: Instant,
  /** `full`: any plan; `replan`: at most `changeLimit` stops away from the rounds under way */
  mode: z.enum(['full', 'replan']),
  seed: z.number().int(),
  iterations: z.number().int(),
  /** the cooling as it went: [call of the stop rule, share of the budget used] */
  cooling: z.array(z.tuple([z.number().int(), z.number()])),
  changeLimit: z.number().int().nullable(),
  changed: z.number().int(),
  /** stops that no longer fitted where they were, whatever the plan */
  forced: z.number().int(),
  cost: z.number(),
  stops: z.number().int(),
  vehicles: z.number().int(),
  version: z.string(),
});
export type PlanRecord = z.infer<typeof PlanRecord>;

/** A record with all it rests on; matrices are base64 of little-endian Int32, row-major [from*n+to]. */
export const PlanRecordDetail = z.object({
  record: PlanRecord,
  problem: z.unknown(),
  initial: z.unknown(),
  keep: z.unknown(),
  solution: z.unknown(),
  meanings: z.unknown(),
  leftOut: z.array(LeftOut),
});
export type PlanRecordDetail = z.infer<typeof PlanRecordDetail>;

/** What solving a kept problem again gave. */
export const PlanReplay = z.object({
  planId: Id,
  same: z.boolean(),
  cost: z.number(),
  replayedCost: z.number(),
  iterations: z.number().int(),
  differences: z.array(z.string()),
});
export type PlanReplay = z.infer<typeof PlanReplay>;
