/** One part's own word on whether it can do its work. */
export interface HealthReport {
  ok: boolean;
  detail?: string;
}

/** Collects the parts' reports; ready only when all are well. */
export interface Health {
  add(name: string, check: () => HealthReport): void;
  report(): { ready: boolean; parts: Record<string, HealthReport> };
}

/** Gives an empty health collection. */
export function createHealth(): Health {
  const checks = new Map<string, () => HealthReport>();
  return {
    add: (name, check) => void checks.set(name, check),
    report() {
      const parts = Object.fromEntries([...checks].map(([name, check]) => [name, check()]));
      return { ready: Object.values(parts).every((part) => part.ok), parts };
    },
  };
}
