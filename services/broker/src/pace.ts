/** Lets connections in at a bounded rate. */
export interface Pace<C> {
  /** Calls `begin` for the connection: at once while the rate allows, else when its turn comes. */
  admit(conn: C, address: string): void;
  /** A connection that waits no longer: it has gone. */
  release(conn: C): void;
  waiting(): number;
  close(): void;
}
export interface PaceOptions<C> {
  perS: number;
  nowMs(): number;
  begin(conn: C): void;
}
const TICK_MS = 20;

/**
 * Paces connections, so that a storm of them takes a bounded share of the processor. Addresses take turns: a flood from one
 * makes its own connections wait, not those of others.
 */
export function createPace<C>({ perS, nowMs, begin }: PaceOptions<C>): Pace<C> {
  const waiting = new Map<string, Set<C>>();
  const addressOf = new Map<C, string>();
  // a tenth of a second's worth may come at once
  const most = Math.max(1, perS / 10);
  let tokens = most;
  let atMs = nowMs();
  let timer: NodeJS.Timeout | undefined;
  const refill = (): void => {
    const now = nowMs();
    tokens = Math.min(most, tokens + ((now - atMs) / 1_000) * perS);
    atMs = now;
  };
  const forget = (conn: C): void => {
    const address = addressOf.get(conn);
    if (address === undefined) return;
    addressOf.delete(conn);
    const line = waiting.get(address)!;
    line.delete(conn);
    if (line.size === 0) waiting.delete(address);
  };
  const letIn = (): void => {
    refill();
    while (tokens >= 1) {
      const next = waiting.entries().next().value;
      if (!next) break;
      const [address, line] = next;
      const [conn] = line;
      forget(conn!);
      // to the end of the round, when more of this address wait
      if (waiting.delete(address)) waiting.set(address, line);
      tokens -= 1;
      begin(conn!);
    }
    if (addressOf.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    admit(conn, address) {
      refill();
      if (tokens >= 1 && addressOf.size === 0) {
        tokens -= 1;
        return begin(conn);
      }
      addressOf.set(conn, address);
      waiting.set(address, (waiting.get(address) ?? new Set()).add(conn));
      timer ??= setInterval(letIn, TICK_MS);
    },
    release: forget,
    waiting: () => addressOf.size,
    close: () => clearInterval(timer),
  };
}
