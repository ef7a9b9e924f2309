/** Where a topic stands: the channel's epoch and the last offset applied. */
export interface Position {
  epoch: string;
  offset: number;
}

/** Remembers, per topic, the place to resume from. */
export interface Positions {
  of(topic: string): Position | undefined;
  /** Moves a topic forward; false = already applied (a repeat after resuming), so leave it out. */
  advance(topic: string, message: { type: string; epoch?: string; offset?: number }): boolean;
  clear(): void;
}

export function createPositions(initial: Record<string, Position> = {}): Positions {
  const known = new Map(Object.entries(initial));
  return {
    of: (topic) => known.get(topic),
    advance(topic, { type, epoch, offset }) {
      if (offset === undefined) return true;
      if (type === 'snap' && epoch !== undefined) {
        known.set(topic, { epoch, offset });
        return true;
      }
      const current = known.get(topic);
      if (!current) return true;
      if (offset <= current.offset) return false;
      known.set(topic, { epoch: current.epoch, offset });
      return true;
    },
    clear: () => known.clear(),
  };
}
