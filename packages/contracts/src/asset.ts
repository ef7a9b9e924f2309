import { z } from 'zod';
import { Fraction, Id, Instant, PointGeometry, Quality } from './basics.ts';

export const AssetKind = z.enum([
  'litter-bin',
  'container',
  'underground-container',
  'indoor-bin',
  'toilet',
  'street-section',
  'bathing-spot',
  'parking-space',
  'street-light',
  // a post, wall or tree that holds sensors and needs no service of its own
  'measuring-point',
]);
export type AssetKind = z.infer<typeof AssetKind>;

/** How a vehicle lifts a container: a hard compatibility between asset and vehicle. */
export const LiftType = z.enum(['hand', 'one-hook', 'two-hook', 'three-hook', 'mushroom', 'rear-loader']);
export type LiftType = z.infer<typeof LiftType>;

/** What a vehicle and its crew bring: a licence, a second loader, a key; names of the operator's own. */
export const Skill = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'a skill is lower-case letters, digits and "-"');

/** One compartment of an asset with its own fill. */
export const Chamber = z.object({
  id: Id,
  fraction: Fraction.optional(),
  volumeL: z.number().positive().max(50_000).optional(),
});
export type Chamber = z.infer<typeof Chamber>;

/** Weekly opening of a place; local time "HH:MM", ISO weekdays 1 (Monday) to 7. Absent = always. */
export const TimeWindow = z.object({
  from: z.string().regex(/^([01]\d|2[0-4]):[0-5]\d$/),
  to: z.string().regex(/^([01]\d|2[0-4]):[0-5]\d$/),
  days: z.array(z.number().int().min(1).max(7)).optional(),
});
export type TimeWindow = z.infer<typeof TimeWindow>;

/** What is known of an asset now; fill is of its fullest chamber, `at` the time of measurement. */
export const AssetState = z.object({
  fill: z.number().min(0).max(1).nullable(),
  at: Instant.nullable(),
  quality: Quality.nullable(),
  silent: z.boolean(),
});
export type AssetState = z.infer<typeof AssetState>;

/** Anything that needs service, without its live state: what POST and PUT take and the registry keeps. */
export const AssetInput = z.object({
  id: Id,
  kind: AssetKind,
  name: z.string().min(1).max(200),
  geometry: PointGeometry,
  chambers: z
    .array(Chamber)
    .min(1)
    .max(8)
    .default([{ id: '1' }]),
  areaId: Id.optional(),
  address: z.string().max(200).optional(),
  accessNote: z.string().max(400).optional(),
  liftType: LiftType.optional(),
  serviceTimeS: z.number().min(0).max(7200).optional(),
  timeWindows: z.array(TimeWindow).max(21).optional(),
  /** Longest time between two emptyings whatever the fill; that of its fraction in the calendar where absent. */
  maxDwellDays: z.number().positive().max(365).optional(),
  /** Skills that its vehicle must have, beside the lift type. */
  needs: z.array(Skill).max(10).optional(),
  /** How far a crane must reach, and the heaviest it may weigh when lifted. */
  craneReachM: z.number().positive().max(40).optional(),
  liftWeightKg: z.number().positive().max(40_000).optional(),
});
export type AssetInput = z.infer<typeof AssetInput>;

export const Asset = AssetInput.extend({ state: AssetState });
export type Asset = z.infer<typeof Asset>;

/** Fills of all chambers, for a page about one asset. */
export const Area = z.object({ id: Id, name: z.string().min(1).max(200) });
export type Area = z.infer<typeof Area>;
