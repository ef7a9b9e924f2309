import { z } from 'zod';
import { Id, Instant } from './basics.ts';

/** An operator's change of a round under way: a stop to another place in its round, or to another round. */
export const MoveInput = z.object({
  roundId: Id,
  stopId: Id,
  /** The round it goes to; absent: it stays in its own. */
  toRoundId: Id.optional(),
  /** The stop it comes behind; null or absent: first among the stops that may still change. */
  behindStopId: Id.nullable().optional(),
  /** Commit although a rule that people may bend is broken (overtime, opening hours, load). */
  force: z.boolean().optional(),
  /** Take an earlier move back: later plans may move the stop again, and nothing is learned from either. */
  undo: z.boolean().optional(),
});
export type MoveInput = z.infer<typeof MoveInput>;

/** A rule that a change breaks, with what it lacks; `hard` ones cannot be accepted by anybody. */
export const MoveObstacle = z.object({
  code: z.enum([
    'committed',
    'ended',
    'vehicle-does-not-fit',
    'no-capacity',
    'closed',
    'no-time',
    'no-site',
    'shift-over',
  ]),
  text: z.string(),
  hard: z.boolean(),
  /** Name of the vehicle whose rule it is, and the minutes by which it is broken. */
  vehicle: z.string().optional(),
  minutes: z.number().int().optional(),
});
export type MoveObstacle = z.infer<typeof MoveObstacle>;

/** How a round would be after a change. */
export const MovedRound = z.object({
  roundId: Id,
  version: z.number().int(),
  endsAt: Instant,
  distanceM: z.number(),
  stops: z.array(z.object({ id: Id, name: z.string(), eta: Instant })),
});
export type MovedRound = z.infer<typeof MovedRound>;

/** What a change would cost, before anybody commits to it; its entity tag goes into If-Match of the commit. */
export const MoveQuote = z.object({
  feasible: z.boolean(),
  obstacles: z.array(MoveObstacle),
  costEur: z.number(),
  distanceM: z.number(),
  durationS: z.number(),
  text: z.string(),
  rounds: z.array(MovedRound),
});
export type MoveQuote = z.infer<typeof MoveQuote>;
