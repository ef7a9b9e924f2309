import { z } from 'zod';
import { Id, Instant } from './basics.ts';

const Position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);

/** Ground that vehicles may not enter for a while: one outer ring of GeoJSON (RFC 7946), without holes. */
export const RoadClosure = z.object({
  id: Id,
  name: z.string().min(1).max(200),
  geometry: z.object({ type: z.literal('Polygon'), coordinates: z.tuple([z.array(Position).min(4).max(200)]) }),
  from: Instant,
  to: Instant,
});
export type RoadClosure = z.infer<typeof RoadClosure>;
