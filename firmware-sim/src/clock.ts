/** The time a simulation runs on; the platform's clock fits. Delays are in simulated milliseconds. */
export interface SimClock {
  nowMs(): number;
  /** Simulated seconds in one host second. */
  readonly speed: number;
  after(delayMs: number, run: () => void): () => void;
  every(periodMs: number, run: () => void): () => void;
}

/** What the simulator says while it runs; pino's logger fits. */
export interface SimLog {
  info(facts: object, event: string): void;
  warn(facts: object, event: string): void;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
