import { z } from 'zod';
import { Id, Instant } from './basics.ts';

export const CrewEventKind = z.enum(['arrived', 'emptied', 'skipped', 'problem', 'full', 'declined', 'rested']);
export type CrewEventKind = z.infer<typeof CrewEventKind>;
export const SkipReason = z.enum(['not-full', 'blocked', 'closed', 'no-time', 'unsafe', 'other-crew']);
export type SkipReason = z.infer<typeof SkipReason>;

/**
 * What a crew found. `declined`: it will not go there; no plan gives it back to this vehicle in this shift. `rested`: it is back from a
 * break of `restedS`, had at the stop or after it. Append-only, idempotent by `id` (our tablets make a UUIDv7); names a round and a vehicle,
 * never a person.
 */
export const CrewEvent = z.object({
  id: Id,
  roundId: Id,
  roundVersion: z.number().int().min(1),
  stopId: Id,
  assetId: Id.optional(),
  kind: CrewEventKind,
  reason: SkipReason.optional(),
  note: z.string().max(500).optional(),
  restedS: z.number().int().min(60).max(14_400).optional(),
  /** State of charge of the vehicle, 0 to 1, as its dashboard shows it. */
  charge: z.number().min(0).max(1).optional(),
  deviceAt: Instant,
  /** Metres between the tablet and the stop; positions never leave the tablet. */
  offSiteM: z.number().min(0).max(100_000).optional(),
});
export type CrewEvent = z.infer<typeof CrewEvent>;

export const StoredCrewEvent = CrewEvent.extend({
  receivedAt: Instant,
  vehicleId: Id,
  /** What the sensor says about an emptying: decided when the next readings arrive. */
  sensorVerdict: z.enum(['pending', 'confirmed', 'contradicted', 'no-sensor']).optional(),
});
export type StoredCrewEvent = z.infer<typeof StoredCrewEvent>;

export const CrewEventAck = z.object({
  id: z.string(),
  status: z.enum(['stored', 'duplicate', 'rejected']),
  /** It is stored, and contradicts what another event said: the sentence to show. */
  conflict: z.string().optional(),
  fault: z.string().optional(),
  faultCode: z.enum(['round-unknown', 'other-crew', 'stop-unknown', 'asset-not-here']).optional(),
});
export type CrewEventAck = z.infer<typeof CrewEventAck>;
