import type { RoundStatus } from './plan.ts';

/** One line of the live topic `crews`, by vehicle: how far a round is, never where the vehicle is. */
export interface CrewStatus {
  vehicleId: string;
  crewId: string | null;
  roundId: string;
  status: RoundStatus;
  stopsDone: number;
  stopsPlanned: number;
  /** Version of the round that a tablet has shown; null = none yet. */
  seenVersion: number | null;
  /** When its tablet last told something; null = not yet. */
  lastSeenAt: string | null;
}
