/** Phases of preparing, in the order in which they pass. */
export const PREPARE_PHASES = ['idle', 'reading', 'building', 'contracting'] as const;
export type PreparePhase = Exclude<(typeof PREPARE_PHASES)[number], 'idle'>;
