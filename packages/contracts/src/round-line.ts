import { z } from 'zod';
import { Id } from './basics.ts';

/** How a round runs over the streets: one leg to each stop in order, and a last one home. */
export const RoundLine = z.object({
  roundId: Id,
  version: z.number().int(),
  /** Whose map the streets are from, to be named where they are shown; absent for straight lines. */
  credit: z.string().optional(),
  legs: z.array(
    z.object({
      /** null = home to the depot. */
      stopId: Id.nullable(),
      distanceM: z.number(),
      durationS: z.number(),
      /** GeoJSON (RFC 7946); straight where no road graph is at hand. */
      line: z.object({ type: z.literal('LineString'), coordinates: z.array(z.tuple([z.number(), z.number()])) }),
    }),
  ),
});
export type RoundLine = z.infer<typeof RoundLine>;
