/** Keeps a codec that hits its limits again and again from slowing everybody down. */
export interface Breaker {
  /** Tells whether a call may go through; after the cool-down one call at a time may try. */
  allows(key: string): boolean;
  record(key: string, fault: boolean): void;
}

interface State {
  faults: number;
  openUntilMs: number;
}

/** Creates a circuit breaker: open after `threshold` faults in a row, half-open after `coolDownMs`. */
export function createBreaker(options: { threshold: number; coolDownMs: number; nowMs: () => number }): Breaker {
  const states = new Map<string, State>();

  return {
    allows(key) {
      const state = states.get(key);
      if (!state || state.faults < options.threshold) return true;
      if (options.nowMs() < state.openUntilMs) return false;
      // Half-open: this call tries; the others wait for its outcome or for the next cool-down.
      state.openUntilMs = options.nowMs() + options.coolDownMs;
      return true;
    },
    record(key, fault) {
      if (!fault) {
        states.delete(key);
        return;
      }
      const state = states.get(key) ?? { faults: 0, openUntilMs: 0 };
      state.faults++;
      if (state.faults >= options.threshold) state.openUntilMs = options.nowMs() + options.coolDownMs;
      states.set(key, state);
    },
  };
}
