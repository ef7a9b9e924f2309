import { z } from 'zod';
import { Id, Instant, Quality, QuantityName, Unit } from './basics.ts';

/** Why a reading is not plainly ok; text for people stands in the catalogue of the screens. */
export const READING_FLAGS = [
  'CLOCK_IMPLAUSIBLE',
  'OUT_OF_RANGE',
  'SENTINEL',
  'BLIND_ZONE',
  'TILTED',
  'SATURATED',
  'SPIKE',
  'FEW_SAMPLES',
  'GEOMETRY_MISSING',
  'CREW_EMPTIED',
  'CREW_FULL',
  'DERIVED',
  'REPLAYED',
  'HISTORY',
  'COUNTER_RESET',
  // why a value is invalid, where the device tells more than "none"
  'UNREADABLE',
  'NO_TARGET',
  'TOO_CLOSE',
  'TOO_FAR',
  'SENSOR_FAULT',
  // what happened to or around it
  'LID_OPEN',
  'STUCK',
  'DEVICE_COMPUTED',
  'BACKFILLED',
  'CORRECTED',
  'CANARY',
  'BATTERY_LOW',
  'RETIRED',
  // the device's own samples lie far apart
  'SCATTERED',
  // the manifest and what the device's field is called, or how it counts, do not agree
  'MAPPING_DOUBTFUL',
] as const;
export const ReadingFlag = z.enum(READING_FLAGS);
export type ReadingFlag = z.infer<typeof ReadingFlag>;

/** One value of one quantity, with when it was measured and where it came from. Identified by (deviceId, chamber, quantity, at). */
export const Reading = z.object({
  at: Instant,
  receivedAt: Instant,
  deviceId: Id,
  assetId: Id.nullable(),
  chamber: Id.optional(),
  quantity: QuantityName,
  value: z.number().nullable(),
  unit: Unit,
  quality: Quality,
  flags: z.array(ReadingFlag),
  typeVersion: z.string(),
  uplinkId: z.string(),
});
export type Reading = z.infer<typeof Reading>;

/** One step of a rolled-up series; `from` is the start of the hour or day, UTC. */
export const RollupPoint = z.object({
  from: Instant,
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  count: z.number().int(),
});
export type RollupPoint = z.infer<typeof RollupPoint>;
export const RollupStep = z.enum(['1h', '1d']);
export type RollupStep = z.infer<typeof RollupStep>;
