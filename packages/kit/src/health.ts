import { isRondeError, type ErrorCode, type RondeError } from '@ronde/contracts';

/** One part's own word on whether it can do its work. */
export interface HealthReport {
  ok: boolean;
  /** It works, and somebody should look at it: an alarm, but no reason to send no traffic. */
  degraded?: boolean;
  detail?: string;
}

/** Collects the parts' reports; ready only when all are well, degraded or not. */
export interface Health {
  add(name: string, check: () => HealthReport): void;
  report(): { ready: boolean; status: 'ok' | 'degraded' | 'not-ready'; parts: Record<string, HealthReport> };
}

/** Gives an empty health collection. */
export function createHealth(): Health {
  const checks = new Map<string, () => HealthReport>();
  return {
    add: (name, check) => void checks.set(name, check),
    report() {
      const parts = Object.fromEntries([...checks].map(([name, check]) => [name, check()]));
      const ready = Object.values(parts).every((part) => part.ok);
      const well = Object.values(parts).some((part) => part.degraded) ? 'degraded' : 'ok';
      return { ready, status: ready ? well : 'not-ready', parts };
    },
  };
}

/** What is wrong and what to do, in one line. */
export function withRemedy({ message, definition }: RondeError): string {
  return `${message}; ${definition.remedy}`;
}

/** Remembers whether the last call of a store came through. */
export interface CallHealth {
  /** Gives the same calls, watched. */
  watch<C extends object>(calls: C): C;
  report(): HealthReport;
}

/** Creates the memory; only errors of the code that means "the store cannot be reached" are trouble. */
export function createCallHealth(unreachable: ErrorCode): CallHealth {
  let trouble: string | undefined;
  const note = async <T>(result: Promise<T>): Promise<T> => {
    try {
      const value = await result;
      trouble = undefined;
      return value;
    } catch (error) {
      trouble = isRondeError(error, unreachable) ? withRemedy(error) : undefined;
      throw error;
    }
  };
  return {
    watch: (calls) =>
      new Proxy(calls, {
        get(target, name, receiver) {
          const member: unknown = Reflect.get(target, name, receiver);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]): unknown => {
            const result = (member as (...args: unknown[]) => unknown)(...args);
            return result instanceof Promise ? note(result) : result;
          };
        },
      }),
    report: () => (trouble === undefined ? { ok: true } : { ok: false, detail: trouble }),
  };
}
