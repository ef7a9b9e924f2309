import type { CrewEvent } from '@ronde/contracts';

/** Stops that a crew declined: obeyed until its shift is over. */
export interface Vetoes {
  note(event: Pick<CrewEvent, 'kind'> & { vehicleId: string }, assetIds: readonly string[], shiftEndMs: number): void;
  isVetoed(vehicleId: string, assetId: string, nowMs: number): boolean;
}

// A crew that is late is still on the shift in which it declined
const GRACE_MS = 2 * 3_600_000;

/** Gives a list without any veto. */
export function createVetoes(): Vetoes {
  const untilMs = new Map<string, number>();
  return {
    note({ kind, vehicleId }, assetIds, shiftEndMs) {
      if (kind !== 'declined') return;
      for (const id of assetIds) untilMs.set(`${vehicleId}/${id}`, shiftEndMs + GRACE_MS);
    },
    isVetoed(vehicleId, assetId, nowMs) {
      const until = untilMs.get(`${vehicleId}/${assetId}`);
      if (until === undefined) return false;
      if (until > nowMs) return true;
      untilMs.delete(`${vehicleId}/${assetId}`);
      return false;
    },
  };
}
