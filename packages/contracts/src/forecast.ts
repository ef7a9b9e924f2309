import { z } from 'zod';
import { Id, Instant } from './basics.ts';

const Band = z.object({ p05: z.number(), p50: z.number(), p95: z.number() });

/** Fill (0..1) expected at a moment: median and the 90 % interval. */
export const ForecastPoint = Band.extend({ at: Instant });
export type ForecastPoint = z.infer<typeof ForecastPoint>;

/** Expected course of an asset's fullest chamber. `overflowRisk` = chance it is full before the next service opportunity. */
export const Forecast = z.object({
  assetId: Id,
  points: z.array(ForecastPoint),
  fullAt: z.object({ p05: Instant.nullable(), p50: Instant.nullable(), p95: Instant.nullable() }),
  overflowRisk: z.number().min(0).max(1),
});
export type Forecast = z.infer<typeof Forecast>;
