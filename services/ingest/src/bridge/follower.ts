import { openSession, type Session, type SessionOptions, type Upstream, type UpstreamMessage } from './session.ts';
import type { Refusal } from './refusals.ts';

export interface FollowOptions {
  upstream: Upstream;
  /** The same at every start: the broker keeps what comes while we are away under it. */
  clientId: string;
  /** `auto` begins with 5 and falls back to 4, which is MQTT 3.1.1. */
  protocol: 'auto' | 4 | 5;
  keepaliveS: number;
  sessionExpiryS: number;
  maxInFlight: number;
  take(message: UpstreamMessage): Promise<unknown>;
  /** Says why connecting makes no sense at this moment; undefined when it does. */
  hold?(): string | undefined;
  /** Uniform in [0, 1), for the jitter of the back-off. */
  random(): number;
  onChange?(state: FollowState): void;
}

/** How following goes. */
export interface FollowState {
  isConnected: boolean;
  /** What is wrong while it is not connected. */
  trouble: string | undefined;
  remedy: string | undefined;
  version: 4 | 5;
  connects: number;
  /** How often the broker had forgotten the session: what it would have kept in between is gone. */
  sessionsLost: number;
  inFlight: number;
}

/** Follows one outside broker until it is stopped. */
export interface Follower {
  state(): FollowState;
  /** Acknowledges what is in hand and leaves; the broker goes on queueing under the client id. */
  stop(): Promise<void>;
  /** Leaves at once without acknowledging anything more: somebody else has the session now. */
  abandon(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const HOLD_MS = 1_000;

/** Starts to follow; reconnects for ever, with pauses that grow and jitter, so that workers do not come back all at once. */
export function follow(options: FollowOptions): Follower {
  const unreleased = new Set<number>();
  let version: 4 | 5 = options.protocol === 'auto' ? 5 : options.protocol;
  let session: Session | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let failures = 0;
  const state: Omit<FollowState, 'version' | 'inFlight'> = {
    isConnected: false,
    trouble: 'connecting',
    remedy: undefined,
    connects: 0,
    sessionsLost: 0,
  };
  const told = (): FollowState => ({ ...state, version, inFlight: session?.inFlight() ?? 0 });
  const changed = (trouble: string | undefined, refusal?: Refusal): void => {
    Object.assign(state, { isConnected: trouble === undefined, trouble, remedy: refusal?.remedy });
    options.onChange?.(told());
  };
  const again = (pauseMs: number): void => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(attempt, pauseMs);
  };
  const pauseMs = (isFinal: boolean): number => {
    const grown = isFinal ? LONGEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
    return grown * (0.5 + options.random() / 2);
  };
  const attempt = (): void => {
    const reason = options.hold?.();
    if (reason !== undefined) {
      changed(reason);
      return again(HOLD_MS);
    }
    session = openSession(sessionOptions());
  };
  const sessionOptions = (): SessionOptions => ({
    ...options,
    version,
    isVersionGiven: options.protocol !== 'auto',
    unreleased,
    onReady({ sessionPresent }) {
      // a session that was there under this process and is gone held messages that nobody will see
      if (!sessionPresent && state.connects > 0) state.sessionsLost += 1;
      state.connects += 1;
      failures = 0;
      changed(undefined);
    },
    onEnd({ reason, refusal, isUnanswered }) {
      session = undefined;
      if (isStopped) return;
      failures += 1;
      const isVersion = refusal?.isOfVersion === true || isUnanswered;
      if (options.protocol === 'auto' && isVersion && state.connects === 0) version = version === 5 ? 4 : 5;
      changed(reason, refusal);
      again(pauseMs(refusal?.isFinal === true && !isVersion));
    },
  });
  attempt();
  return {
    state: told,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await session?.leave();
      changed('stopped');
    },
    abandon() {
      isStopped = true;
      clearTimeout(timer);
      session?.destroy('abandoned');
      changed('abandoned');
    },
  };
}
