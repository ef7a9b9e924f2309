import type { Cancel, Clock } from '@ronde/kit';
import type { Lease, Leases } from './leases.ts';

/** Whether this process does what only one of its kind may do: judging health, asking networks, opening incidents. */
export interface Leader {
  isLeading(): boolean;
  /** A clock whose regular turns are skipped while another process leads. */
  clock: Clock;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 2_000;

/** Creates the leadership of what processes of one kind have in common; without leases there is one process, and it leads. */
export function createLeader(name: string, { clock, leases }: { clock: Clock; leases?: Leases | undefined }): Leader {
  let lease: Lease | undefined;
  let timer: NodeJS.Timeout | undefined;
  const isLeading = (): boolean => leases === undefined || (lease?.isHeld() ?? false);
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    if (!isLeading()) lease = await leases?.take(name);
  };
  const every = (periodMs: number, run: () => void): Cancel => clock.every(periodMs, () => void (isLeading() && run()));
  return {
    isLeading,
    clock: { ...clock, every },
    async start() {
      if (!leases) return;
      await look();
      // a registry that is away: the next turn tries again
      timer = setInterval(() => {
        looking ??= look()
          .catch(() => undefined)
          .finally(() => (looking = undefined));
      }, LOOK_EVERY_MS);
    },
    async stop() {
      clearInterval(timer);
      await looking;
      await lease?.release();
    },
  };
}
