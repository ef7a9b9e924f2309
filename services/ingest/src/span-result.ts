import { z } from 'zod';
import { Id, Instant, QuantityName } from '@ronde/contracts';

/** One reading that decodes otherwise now than it was stored. */
export const ReplayDifference = z.object({
  deviceId: Id,
  at: Instant,
  quantity: QuantityName,
  chamber: Id.optional(),
  was: z.number().nullable().optional(),
  now: z.number().nullable(),
});
export type ReplayDifference = z.infer<typeof ReplayDifference>;

/** What reading raw frames again came to. */
export const SpanResult = z.object({
  dryRun: z.boolean(),
  frames: z.number().int(),
  uplinks: z.number().int(),
  /** Readings by comparison with the store. */
  new: z.number().int(),
  changed: z.number().int(),
  same: z.number().int(),
  /** Frames that end as dead letters. */
  dead: z.number().int(),
  /** Readings written; 0 in a dry run. */
  stored: z.number().int(),
  /** The first differences; `was` is absent for a new reading. */
  differences: z.array(ReplayDifference),
});
export type SpanResult = z.infer<typeof SpanResult>;

export const EMPTY_SPAN: Omit<SpanResult, 'dryRun' | 'differences'> = {
  frames: 0,
  uplinks: 0,
  new: 0,
  changed: 0,
  same: 0,
  dead: 0,
  stored: 0,
};
