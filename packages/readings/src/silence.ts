/** When a device was last heard and how often it speaks. */
export interface Silence {
  /** Notes that a device spoke; `measuredMs` teaches its usual gap. */
  heard(deviceId: string, heardMs: number, measuredMs: number): void;
  lastHeardMs(deviceId: string): number | undefined;
  isSilent(deviceId: string, nowMs: number): boolean;
}

interface Voice {
  heardMs: number;
  measuredMs: number;
  gapsMs: number[];
}

const FLOOR_MS = 2 * 3_600_000;
const GAPS_KEPT = 9;
const GAPS_NEEDED = 3;
// Nothing known of a device: most sensors report daily at least.
const UNKNOWN_INTERVAL_MS = 12 * 3_600_000;

/**
 * Creates the memory of when devices spoke. A device is silent after two intervals, though never before two hours;
 * the interval is the expected one, else the median of its last gaps, else twelve hours.
 */
export function createSilence(expectedIntervalS: (deviceId: string) => number | undefined): Silence {
  const voices = new Map<string, Voice>();
  const intervalMs = (deviceId: string): number => {
    const expectedS = expectedIntervalS(deviceId);
    if (expectedS !== undefined) return expectedS * 1000;
    const gaps = voices.get(deviceId)?.gapsMs ?? [];
    return gaps.length < GAPS_NEEDED ? UNKNOWN_INTERVAL_MS : gaps.toSorted((a, b) => a - b)[gaps.length >> 1]!;
  };
  return {
    lastHeardMs: (deviceId) => voices.get(deviceId)?.heardMs,
    heard(deviceId, heardMs, measuredMs) {
      const voice = voices.get(deviceId);
      if (!voice) {
        voices.set(deviceId, { heardMs, measuredMs, gapsMs: [] });
        return;
      }
      voice.heardMs = Math.max(voice.heardMs, heardMs);
      if (measuredMs <= voice.measuredMs) return;
      voice.gapsMs.push(measuredMs - voice.measuredMs);
      if (voice.gapsMs.length > GAPS_KEPT) voice.gapsMs.shift();
      voice.measuredMs = measuredMs;
    },
    isSilent(deviceId, nowMs) {
      const voice = voices.get(deviceId);
      return voice !== undefined && nowMs - voice.heardMs > Math.max(2 * intervalMs(deviceId), FLOOR_MS);
    },
  };
}
