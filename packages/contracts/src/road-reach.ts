import { z } from 'zod';
import { Id, Instant } from './basics.ts';

/** A place that no vehicle comes to as it should. */
export const OffRoad = z.object({
  kind: z.enum(['asset', 'depot', 'disposal-site']),
  id: Id,
  name: z.string(),
  /**
   * `far`: the road is far for a crew to walk · `cut-off`: a nearer road is there that the vehicle may not or cannot take ·
   * `off-map`: no road is near, and plans reckon with straight lines
   */
  state: z.enum(['far', 'cut-off', 'off-map']),
  /** From the place to where a vehicle stops; null = nowhere. */
  distanceM: z.number().nullable(),
  /** Vehicles that were asked about: those that may serve it. */
  vehicleIds: z.array(Id),
});
export type OffRoad = z.infer<typeof OffRoad>;

/** Which places lie off the roads that plans travel on. */
export const RoadReach = z.object({
  at: Instant,
  /** False where travel goes by straight lines, or a back-end does not tell: then nothing is known. */
  hasRoads: z.boolean(),
  checked: z.number().int(),
  offRoad: z.array(OffRoad),
});
export type RoadReach = z.infer<typeof RoadReach>;
