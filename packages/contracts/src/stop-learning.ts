import { z } from 'zod';
import { Id, Instant } from './basics.ts';

/** What crews and operators taught about serving one asset; the newest last, a bounded number of each. */
export const StopLearning = z.object({
  /** the asset's id */
  id: Id,
  /** seconds of work measured there, as a multiple of what its kind usually takes */
  serviceRatios: z.array(z.number()),
  /** seconds that the way to it took longer than planned */
  approachS: z.array(z.number()),
  declines: z.array(z.object({ vehicleId: Id, at: Instant, reason: z.string() })),
  moves: z.array(z.object({ fromVehicleId: Id, toVehicleId: Id, at: Instant })),
  /** how often each crew (its vehicle where it has none) emptied it, and when last */
  served: z.array(z.object({ crewId: Id, count: z.number().int(), at: Instant })).optional(),
  /** whether crews could get at it, and when */
  visits: z.array(z.object({ at: Instant, reached: z.boolean() })).optional(),
});
export type StopLearning = z.infer<typeof StopLearning>;
