import { z } from 'zod';
import { Fraction, Id, LatLon } from './basics.ts';
import { LiftType, TimeWindow } from './asset.ts';

/** Where vehicles start and end. */
export const Depot = z.object({ id: Id, name: z.string().min(1).max(200), position: LatLon });
export type Depot = z.infer<typeof Depot>;

/** Where loads are tipped. */
export const DisposalSite = z.object({
  id: Id,
  name: z.string().min(1).max(200),
  position: LatLon,
  fractions: z.array(Fraction).min(1),
  openingHours: z.array(TimeWindow).optional(),
  tippingTimeS: z.number().min(0).max(7200).default(900),
});
export type DisposalSite = z.infer<typeof DisposalSite>;

/** A vehicle with the shifts it is staffed for; local times of the calendar's time zone, `to` before `from` crosses midnight. */
export const Vehicle = z.object({
  id: Id,
  name: z.string().min(1).max(200),
  depotId: Id,
  crewId: Id.optional(),
  fractions: z.array(Fraction).min(1),
  liftTypes: z.array(LiftType).min(1),
  capacityKg: z.number().positive().max(60_000),
  capacityL: z.number().positive().max(200_000).optional(),
  shifts: z.array(TimeWindow).min(1),
  areaIds: z.array(Id).optional(),
  /** What it measures laden: streets with lower limits are not driven. A three-axle rear loader where absent. */
  dimensions: z
    .object({
      weightT: z.number().positive().max(100).optional(),
      axleLoadT: z.number().positive().max(30).optional(),
      heightM: z.number().positive().max(10).optional(),
      widthM: z.number().positive().max(5).optional(),
      lengthM: z.number().positive().max(30).optional(),
    })
    .optional(),
  /** How it moves over streets; truck where absent. */
  travelProfile: z.enum(['truck', 'car', 'walking']).optional(),
  /** It serves the side of the street it drives on only. */
  kerbside: z.boolean().optional(),
  speedKmh: z.number().positive().max(120).default(28),
  available: z.boolean().default(true),
});
export type Vehicle = z.infer<typeof Vehicle>;

export const Crew = z.object({ id: Id, name: z.string().min(1).max(200) });
export type Crew = z.infer<typeof Crew>;

/** Service days: what "before the next opportunity" is computed from. */
export const Calendar = z.object({
  id: Id,
  timeZone: z.string().default('Europe/Amsterdam'),
  /** Cron expression (5 fields, local time) at which the next round of plans is made. */
  planCron: z.string().default('0 5,13,21 * * *'),
  serviceDays: z.array(z.number().int().min(1).max(7)).default([1, 2, 3, 4, 5, 6, 7]),
  holidays: z.array(z.iso.date()).default([]),
  /** Days that make up for a holiday: the shifts of the holiday's weekday are driven then. */
  catchUps: z.array(z.object({ holiday: z.iso.date(), on: z.iso.date() })).optional(),
});
export type Calendar = z.infer<typeof Calendar>;
