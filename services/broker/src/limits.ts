/** Counts connections and half-open ones per address. */
export interface Admission<C> {
  /** False when there are too many connections: close the newcomer. */
  admit(conn: C, address: string): boolean;
  /** The connection has logged in. */
  promote(conn: C): void;
  release(conn: C): void;
  readonly connections: number;
  all(): Iterable<C>;
}

/**
 * Bounds connections. Beyond the bound of half-open ones per address the oldest is dropped, not the newcomer: an
 * honest login takes milliseconds and so is never the oldest, even from the address of an attacker.
 */
export function createAdmission<C>(limits: {
  maxConnections: number;
  maxHalfOpenPerAddress: number;
  drop(conn: C): void;
}): Admission<C> {
  const all = new Map<C, string>();
  const halfOpen = new Map<string, Set<C>>();
  const promote = (conn: C): void => {
    const address = all.get(conn);
    const waiting = address === undefined ? undefined : halfOpen.get(address);
    if (waiting?.delete(conn) && waiting.size === 0) halfOpen.delete(address!);
  };
  return {
    admit(conn, address) {
      if (all.size >= limits.maxConnections) return false;
      all.set(conn, address);
      const waiting = halfOpen.get(address) ?? new Set();
      halfOpen.set(address, waiting.add(conn));
      if (waiting.size > limits.maxHalfOpenPerAddress) {
        const [oldest] = waiting;
        promote(oldest!);
        limits.drop(oldest!);
      }
      return true;
    },
    promote,
    release(conn) {
      promote(conn);
      all.delete(conn);
    },
    get connections() {
      return all.size;
    },
    all: () => all.keys(),
  };
}

const FLAP = { takeovers: 15, windowMs: 60_000, banMs: 300_000, remembered: 10_000 };

/** Two senders that share one credential throw each other out without end; the guard shuts both out for a while. */
export interface FlapGuard {
  takenOver(id: string): void;
  isBanned(id: string): boolean;
}
export function createFlapGuard(nowMs: () => number): FlapGuard {
  const seen = new Map<string, { sinceMs: number; count: number; bannedUntilMs: number }>();
  return {
    takenOver(id) {
      const now = nowMs();
      let entry = seen.get(id);
      if (!entry || now - entry.sinceMs > FLAP.windowMs) entry = { sinceMs: now, count: 0, bannedUntilMs: 0 };
      entry.count += 1;
      if (entry.count > FLAP.takeovers) entry.bannedUntilMs = now + FLAP.banMs;
      // re-inserted, so that the first key is the one longest quiet
      seen.delete(id);
      seen.set(id, entry);
      if (seen.size > FLAP.remembered) seen.delete(seen.keys().next().value!);
    },
    isBanned: (id) => (seen.get(id)?.bannedUntilMs ?? 0) > nowMs(),
  };
}

const BURST = 30;

/** A token bucket; `take` tells whether one more message fits. */
export function createBucket(ratePerS: number, nowMs: () => number): { take(): boolean } {
  let tokens = Math.max(BURST, ratePerS);
  let atMs = nowMs();
  const most = tokens;
  return {
    take() {
      const now = nowMs();
      tokens = Math.min(most, tokens + ((now - atMs) / 1_000) * ratePerS);
      atMs = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
