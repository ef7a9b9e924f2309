import { z } from 'zod';
import { Fraction, Id, Instant } from './basics.ts';

export const StopStatus = z.enum(['planned', 'arrived', 'done', 'skipped', 'problem']);
export type StopStatus = z.infer<typeof StopStatus>;

/** Why a stop is in the round, in a form that screens put in the reader's language; `reason` says the same in English. */
export const StopWhy = z.object({
  code: z.enum(['full', 'risk', 'on-the-way', 'reported', 'tip-load', 'kept', 'dwell', 'charge']),
  fill: z.number().min(0).max(1).optional(),
  risk: z.number().min(0).max(1).optional(),
  fullAt: Instant.nullable().optional(),
  detourM: z.number().optional(),
});
export type StopWhy = z.infer<typeof StopWhy>;

export const ConflictCode = z.enum([
  // told as skipped or declined, though it had been emptied before
  'emptied-before',
  // emptied a second time, long after the first
  'emptied-again',
  // emptied by the vehicle that had it before, while it is in this round
  'emptied-elsewhere',
]);
export type ConflictCode = z.infer<typeof ConflictCode>;

/** An event that contradicts what a stop is known to be; `text` says it in English, screens say it from the rest. */
export const StopConflict = z.object({
  eventId: Id,
  kind: z.string(),
  reason: z.string().optional(),
  deviceAt: Instant,
  code: ConflictCode.optional(),
  /** When it was emptied, by the event that it contradicts. */
  emptiedAt: Instant.optional(),
  /** Whose event it is, where that is another vehicle. */
  vehicleId: Id.optional(),
  text: z.string(),
});
export type StopConflict = z.infer<typeof StopConflict>;

/** What is aboard, or comes aboard, of one fraction; litres after compaction. */
export const LoadPart = z.object({ fraction: Fraction, loadKg: z.number(), loadL: z.number() });
export type LoadPart = z.infer<typeof LoadPart>;

/** `asset`: service; `disposal`: tip the load at `siteId` (no assetIds). */
export const Stop = z.object({
  id: Id,
  seq: z.number().int(),
  kind: z.enum(['asset', 'disposal']).default('asset'),
  assetIds: z.array(Id),
  siteId: Id.optional(),
  name: z.string().optional(),
  lat: z.number(),
  lon: z.number(),
  eta: Instant,
  /** When the place opens, where it has hours: service does not start before. */
  opensAt: Instant.optional(),
  serviceS: z.number().optional(),
  loadKg: z.number().optional(),
  /** Room the load takes in the vehicle's body, after compaction. */
  loadL: z.number().optional(),
  fraction: Fraction.optional(),
  /** What comes aboard per fraction, where a stop has several; `loadKg` and `loadL` are the sums. */
  parts: z.array(LoadPart).optional(),
  /** Taken from the charger there. */
  chargedKwh: z.number().optional(),
  /** Metres driven to it from the stop before, or from the depot, and the seconds that takes. */
  legM: z.number().optional(),
  legS: z.number().optional(),
  reason: z.string(),
  why: StopWhy.optional(),
  status: StopStatus,
  /** When the crew came and when its work was over, by the tablet's clock. */
  arrivedAt: Instant.optional(),
  endedAt: Instant.optional(),
  /** Assets of a stop with several whose work is over while others wait. */
  ended: z.array(z.object({ assetId: Id, status: StopStatus })).optional(),
  /** An operator put it here: later plans keep it with this vehicle, behind that stop, and may take that overtime. */
  pinned: z.object({ at: Instant, behindStopId: Id.nullable(), overtimeUntil: Instant.optional() }).optional(),
  /** Events that say something else than the stop's status; nothing of them is lost, an operator judges. */
  conflicts: z.array(StopConflict).optional(),
});
export type Stop = z.infer<typeof Stop>;

export const LeftOutCode = z.enum([
  'can-wait',
  'too-far-for-its-risk',
  'no-vehicle-fits',
  'no-time',
  'no-capacity',
  'closed',
  'unreachable',
  'no-reading',
  // a crew was there not long ago
  'resting',
  // the crew of the vehicle that could come declined it
  'declined',
  // taking it would change more of the rounds under way than crews should bear
  'change-limit',
  'road-closed',
]);
export type LeftOutCode = z.infer<typeof LeftOutCode>;
export const RemedyCode = z.enum(['overtime', 'longer-hours', 'disposal-site', 'more-room', 'this-vehicle']);
export type RemedyCode = z.infer<typeof RemedyCode>;
/** An asset in no round, with why; `reason` says it in English, screens say it from the rest. */
export const LeftOut = z.object({
  assetId: Id,
  reason: z.string(),
  code: LeftOutCode.optional(),
  /** The least that would have a vehicle serve it all the same, by the vehicle's name. */
  remedy: z.object({ code: RemedyCode, vehicle: z.string(), minutes: z.number().int().optional() }).optional(),
  /** What serving it would add, beside what leaving it risks. */
  price: z.object({ costEur: z.number(), distanceM: z.number(), riskEur: z.number() }).optional(),
});
export type LeftOut = z.infer<typeof LeftOut>;

export const RoundStatus = z.enum(['published', 'active', 'done', 'cancelled']);
export type RoundStatus = z.infer<typeof RoundStatus>;

/** A rest of the crew where the vehicle stands: at a stop before its work, or after it. `taken`: the crew said so. */
export const RoundBreak = z.object({
  startsAt: Instant,
  endsAt: Instant,
  stopId: Id,
  place: z.enum(['before', 'after']),
  taken: z.boolean().optional(),
});
export type RoundBreak = z.infer<typeof RoundBreak>;

/** One vehicle's work of one shift. Every change makes a new version; stops done or committed never move. */
export const Round = z.object({
  id: Id,
  version: z.number().int().min(1),
  planId: Id,
  vehicleId: Id,
  crewId: Id.nullable(),
  status: RoundStatus,
  startsAt: Instant,
  endsAt: Instant,
  stops: z.array(Stop),
  leftOut: z.array(LeftOut),
  distanceM: z.number(),
  durationS: z.number(),
  /** The crew said the vehicle is full; until it has tipped. */
  vehicleFull: z.boolean().optional(),
  /** Breaks planned and had, in order. */
  breaks: z.array(RoundBreak).optional(),
  /** Aboard when it begins: left by the vehicle's round before, because it broke down or may park loaded. */
  aboardAtStart: z.array(LoadPart).optional(),
  /** Aboard when it ended, for the vehicle's next round to tip. */
  leftAboard: z.array(LoadPart).optional(),
  /** State of charge, 0 to 1, as the crew told it last. */
  charge: z.object({ level: z.number(), at: Instant }).optional(),
});
export type Round = z.infer<typeof Round>;

/** One difference between two versions of a round; `text` says it in English, screens say it from the rest. */
export const RoundChange = z.object({
  kind: z.enum(['added', 'removed', 'moved', 'retimed']),
  stopId: Id,
  text: z.string(),
  /** How people call the place. */
  place: z.string().optional(),
  /** Name of the vehicle it came from or goes to. */
  vehicle: z.string().optional(),
  /** Its number in the new version. */
  seq: z.number().int().optional(),
  /** When it is reached now, and was to be before. */
  eta: Instant.optional(),
  etaBefore: Instant.optional(),
  /** It is a break that comes at another time, before or after the work at that place. */
  breakPlace: z.enum(['before', 'after']).optional(),
  why: StopWhy.optional(),
});
export type RoundChange = z.infer<typeof RoundChange>;

export const PlanInput = z.object({ from: Instant, to: Instant, vehicleIds: z.array(Id).min(1).optional() });
export type PlanInput = z.infer<typeof PlanInput>;

/** A planning run: which rounds it made, why it ran, and what it weighed. */
export const Plan = z.object({
  id: Id,
  status: z.enum(['queued', 'solving', 'done', 'failed']),
  cause: z.enum([
    'schedule',
    'request',
    'start',
    'bin-full',
    'crew-event',
    'crew-declined',
    'vehicle-out',
    'vehicle-late',
    'vehicle-full',
    'road-closed',
    'operator',
  ]),
  from: Instant,
  to: Instant,
  vehicleIds: z.array(Id),
  createdAt: Instant,
  finishedAt: Instant.nullable(),
  roundIds: z.array(Id),
  candidates: z.number().int(),
  served: z.number().int(),
  leftOut: z.array(LeftOut),
  cost: z.number().nullable(),
  solveS: z.number().nullable(),
  /** Stops of running rounds that it changed, and the most it might; null when no round was under way. */
  changes: z.object({ changed: z.number().int(), limit: z.number().int() }).nullable().optional(),
  fault: z.string().nullable(),
  /** A code of `errors.ts`, where the fault has one. */
  faultCode: z.string().optional(),
});
export type Plan = z.infer<typeof Plan>;
