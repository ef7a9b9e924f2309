import { z } from 'zod';
import { Fraction, Id, Instant, LatLon } from './basics.ts';
import { LiftType, Skill, TimeWindow } from './asset.ts';

/** Power of a charger or of the chargers that one vehicle may use at a place, kW. */
const ChargeKw = z.number().positive().max(2_000);

/** Where vehicles start and end. */
export const Depot = z.object({
  id: Id,
  name: z.string().min(1).max(200),
  position: LatLon,
  /** Charges electric vehicles, overnight and between trips when they are empty; no charger where absent. */
  chargeKw: ChargeKw.optional(),
  /** Fractions that may stay aboard overnight; none where absent. */
  mayParkLoaded: z.array(Fraction).optional(),
});
export type Depot = z.infer<typeof Depot>;

/** Where loads are tipped. */
export const DisposalSite = z.object({
  id: Id,
  name: z.string().min(1).max(200),
  position: LatLon,
  fractions: z.array(Fraction).min(1),
  openingHours: z.array(TimeWindow).optional(),
  /** Weigh-in, unloading and weigh-out, the queue apart. */
  tippingTimeS: z.number().min(0).max(7200).default(900),
  /** The part of it that comes before the queue. */
  weighInTimeS: z.number().min(0).max(3600).optional(),
  /** Expected wait of a vehicle that joins the queue in these hours; none at others. */
  queue: z
    .array(TimeWindow.extend({ waitS: z.number().min(0).max(7200) }))
    .max(50)
    .optional(),
  /** Charges electric vehicles after tipping. */
  chargeKw: ChargeKw.optional(),
});
export type DisposalSite = z.infer<typeof DisposalSite>;

/** Rules of rest: the Dutch Working Hours Act (article 5:4), and EU driving times (Regulation 561/2006, article 7). */
export const BreakRule = z.enum(['working-hours', 'driving-time']);
export type BreakRule = z.infer<typeof BreakRule>;

/** Battery of an electric vehicle. It starts a shift full, unless its depot has no charger or a reading tells otherwise. */
export const VehicleBattery = z.object({
  capacityKwh: z.number().positive().max(2_000),
  kwhPerKm: z.number().min(0).max(20),
  /** Never below this. */
  reserveKwh: z.number().min(0).max(2_000).optional(),
  /** One lift and the compaction of what it brings. */
  kwhPerLift: z.number().min(0).max(20).optional(),
  /** State of charge, 0 to 1, when the vehicle or its telematics told it last. */
  charge: z.object({ level: z.number().min(0).max(1), at: Instant }).optional(),
});
export type VehicleBattery = z.infer<typeof VehicleBattery>;

/** A compartment of a vehicle's body; limits that are absent are those of the body. */
export const Compartment = z.object({
  fractions: z.array(Fraction).min(1),
  capacityKg: z.number().positive().max(60_000).optional(),
  capacityL: z.number().positive().max(200_000).optional(),
});
export type Compartment = z.infer<typeof Compartment>;

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
  /** Breaks that its crew must have; `BREAK_RULES` where absent, none when empty. */
  breakRules: z.array(BreakRule).optional(),
  battery: VehicleBattery.optional(),
  /** Body in parts: an asset of several fractions is then emptied in one visit. One body where absent. */
  compartments: z.array(Compartment).min(1).max(8).optional(),
  skills: z.array(Skill).max(40).optional(),
  /** Of its crane: how far it reaches, and the heaviest lift. */
  craneReachM: z.number().positive().max(40).optional(),
  craneLiftKg: z.number().positive().max(40_000).optional(),
  /** Largest chance that a trip weighs more than it may; `OVERLOAD_CHANCE` where absent, 0 = loads count as certain. */
  overloadChance: z.number().min(0).max(0.5).optional(),
  /** Cleaning after tipping, when the next trip brings another fraction. */
  cleanOutTimeS: z.number().min(0).max(7200).optional(),
  /** Areas that its crew calls home: stops elsewhere cost `COST_AWAY_EUR`. Everywhere where absent. */
  homeAreaIds: z.array(Id).optional(),
  /** Most stops in a round that its crew does not know. */
  maxUnfamiliarStops: z.number().int().min(0).max(1000).optional(),
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
  /** Hours in which all driving takes so many times as long, such as 1.3 in the morning peak. */
  travelPaces: z
    .array(TimeWindow.extend({ factor: z.number().min(0.2).max(5) }))
    .max(50)
    .optional(),
  /** Hours in which nothing is collected: of these fractions and in these areas, of all and everywhere where absent. */
  quietHours: z
    .array(
      TimeWindow.extend({ fractions: z.array(Fraction).min(1).optional(), areaIds: z.array(Id).min(1).optional() }),
    )
    .max(50)
    .optional(),
  /** Longest time that waste may wait, whatever the fill, days by fraction; an asset may have its own. */
  maxDwellDays: z.partialRecord(Fraction, z.number().positive().max(365)).optional(),
});
export type Calendar = z.infer<typeof Calendar>;
