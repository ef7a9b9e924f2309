import type { Registry } from './port.ts';

/** What the registry keeps of one term of a lease; a term never changes hands, a new one is added. */
export interface LeaseTerm {
  /** `{name}.{token}`: adding it is the act of taking the lease, and only one can. */
  id: string;
  name: string;
  /** Grows by one with every term: who comes with an older one has been overtaken. */
  token: number;
  holder: string;
  /** Grows while the holder lives. */
  renewals: number;
  isReleased: boolean;
}

/** The right to do what only one process may do at a time. */
export interface Lease {
  /** Fencing token: goes with what is written, so that an older holder's late word can be told. */
  readonly token: number;
  /**
   * False once somebody else may have it: also in a process that was frozen and does not know it yet, or whose registry was
   * away. What is lost stays lost; `take` gives a new term while nobody else was faster.
   */
  isHeld(): boolean;
  /** Asks the registry whether no newer term has begun. @throws RondeError REGISTRY_UNREACHABLE (retriable) */
  confirm(): Promise<boolean>;
  release(): Promise<void>;
}

export interface LeasesOptions {
  registry: Pick<Registry, 'leases'>;
  tenant: string;
  /** This process; the same after a restart, so that it takes its own leases back at once. */
  holder: string;
  ttlMs?: number;
  /** Monotonic host milliseconds. */
  nowMs?: () => number;
}

export interface Leases {
  /** Takes a lease that nobody holds, or whose holder has been silent for its time; undefined otherwise. */
  take(name: string): Promise<Lease | undefined>;
  /** Takes it whoever has it: for who has the better right. */
  seize(name: string): Promise<Lease | undefined>;
  /** Names the leases under a prefix that nobody is known to hold. */
  orphans(prefix: string): Promise<string[]>;
  /** Releases what is held. */
  close(): Promise<void>;
}

const TTL_MS = 10_000;
/** The holder gives up earlier than others may take over: they count from a renewal that it began before. */
const HELD_SHARE = 0.7;
const TOKEN_DIGITS = 12;

/**
 * Leases over documents that can only be added once: no clock is compared between machines. Who wants a lease watches whether
 * its holder still renews it, for the lease's time by its own clock, and then adds the next term.
 */
export function createLeases(options: LeasesOptions): Leases {
  const { registry, tenant, holder, ttlMs = TTL_MS, nowMs = () => performance.now() } = options;
  const watched = new Map<string, { id: string; renewals: number; sinceMs: number }>();
  const held = new Map<string, { stop(): void; lease: Lease }>();

  const newest = async (name: string): Promise<LeaseTerm | undefined> =>
    (await registry.leases.list(tenant, { limit: 1, where: { name }, descending: true })).items[0];

  const isSilent = ({ id, name, renewals }: LeaseTerm): boolean => {
    const seen = watched.get(name);
    if (seen?.id === id && seen.renewals === renewals) return nowMs() - seen.sinceMs >= ttlMs;
    watched.set(name, { id, renewals, sinceMs: nowMs() });
    return false;
  };
  const isFree = (term: LeaseTerm | undefined): boolean =>
    term === undefined || term.isReleased || (term.holder === holder && !held.has(term.name)) || isSilent(term);

  async function begin(name: string, before: LeaseTerm | undefined): Promise<Lease | undefined> {
    const startedMs = nowMs();
    const token = (before?.token ?? 0) + 1;
    const term: LeaseTerm = { id: idOf(name, token), name, token, holder, renewals: 0, isReleased: false };
    if (!(await registry.leases.insert(tenant, term))) return undefined;
    // the last two stay: a holder that was overtaken finds out what it lost to
    if (token > 2) await registry.leases.delete(tenant, idOf(name, token - 2));
    return holding(term, startedMs);
  }

  function holding(term: LeaseTerm, startedMs: number): Lease {
    let renewedMs = startedMs;
    let isOver = false;
    let current = term;
    const stop = (): void => {
      isOver = true;
      clearInterval(timer);
      if (held.get(term.name)?.lease === lease) held.delete(term.name);
    };
    const confirm = async (): Promise<boolean> => {
      if (isOver) return false;
      const latest = await newest(term.name);
      if (latest?.id !== term.id) stop();
      return !isOver;
    };
    const renew = async (): Promise<void> => {
      const beganMs = nowMs();
      if (!(await confirm())) return;
      current = { ...current, renewals: current.renewals + 1 };
      await registry.leases.put(tenant, current);
      renewedMs = beganMs;
    };
    // a registry that is away lets the lease run out; the next turn tries again
    const timer = setInterval(() => void renew().catch(() => undefined), ttlMs / 4);
    timer.unref();
    const lease: Lease = {
      token: term.token,
      isHeld() {
        // for good: a registry that comes back must not find a holder that renews what it no longer uses
        if (!isOver && nowMs() - renewedMs >= ttlMs * HELD_SHARE) stop();
        return !isOver;
      },
      confirm,
      async release() {
        if (isOver) return;
        const isOurs = await confirm();
        stop();
        if (isOurs) await registry.leases.put(tenant, { ...current, isReleased: true });
      },
    };
    held.set(term.name, { stop, lease });
    return lease;
  }

  return {
    async take(name) {
      const term = await newest(name);
      return isFree(term) ? begin(name, term) : undefined;
    },
    seize: async (name) => begin(name, await newest(name)),
    async orphans(prefix) {
      const latest = new Map<string, LeaseTerm>();
      for (const term of await registry.leases.all(tenant)) {
        if (!term.name.startsWith(prefix)) continue;
        if ((latest.get(term.name)?.token ?? 0) < term.token) latest.set(term.name, term);
      }
      return [...latest.values()]
        .filter((term) => !held.has(term.name) && (term.isReleased || isSilent(term)))
        .map(({ name }) => name);
    },
    async close() {
      await Promise.all([...held.values()].map(({ lease }) => lease.release().catch(() => undefined)));
      for (const { stop } of held.values()) stop();
    },
  };
}

function idOf(name: string, token: number): string {
  return `${name}.${String(token).padStart(TOKEN_DIGITS, '0')}`;
}
