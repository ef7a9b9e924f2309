/** The last gaps between a device's uplinks, milliseconds, newest last. */
export interface CadenceMemory {
  gapsMs: number[];
}

const KEPT = 16;
const NEEDED = 3;
/** Below this share of its expected interval a device sends because something happened, not because it is time. */
const EVENT_SHARE = 0.8;

export function learnGap(memory: CadenceMemory, gapMs: number): void {
  if (gapMs <= 0) return;
  memory.gapsMs.push(gapMs);
  if (memory.gapsMs.length > KEPT) memory.gapsMs.shift();
}

/**
 * Gives how often a device sends when nothing happens. A setting of the device wins; otherwise what it shows counts:
 * the lower third of its gaps, since losses only lengthen gaps. Shorter gaps than the type expects are events.
 * @returns milliseconds, or undefined when neither type nor past tells
 */
export function intervalMs(
  memory: CadenceMemory,
  known: { settingMs?: number | undefined; typeMs?: number | undefined },
): number | undefined {
  if (known.settingMs !== undefined) return known.settingMs;
  const { gapsMs } = memory;
  if (gapsMs.length < NEEDED) return known.typeMs;
  const learned = gapsMs.toSorted((a, b) => a - b)[Math.floor(gapsMs.length * 0.3)]!;
  if (known.typeMs !== undefined && learned < known.typeMs * EVENT_SHARE) return known.typeMs;
  return learned;
}

/** Gives how many uplinks a gap of this length lacks: half an interval of jitter is forgiven. */
export function missedIn(gapMs: number, everyMs: number): number {
  return Math.max(0, Math.round(gapMs / everyMs) - 1);
}
