import { emptyLoss, intervalMs, judgeSilence, learnArrival, learnGap, missedIn } from '@ronde/device-health';
import type { CadenceMemory, LossMemory } from '@ronde/device-health';

/** When a device was last heard and how often it speaks. */
export interface Silence {
  /** Notes that a device spoke; `measuredMs` teaches its usual gap and its losses. */
  heard(deviceId: string, heardMs: number, measuredMs: number): void;
  lastHeardMs(deviceId: string): number | undefined;
  isSilent(deviceId: string, nowMs: number): boolean;
}

interface Voice {
  heardMs: number;
  measuredMs: number;
  cadence: CadenceMemory;
  losses: LossMemory;
}

// Nothing known of a device: most sensors report daily at least.
const UNKNOWN_INTERVAL_MS = 12 * 3_600_000;

/**
 * Creates the memory of when devices spoke. A device is silent when a gap this long would hardly ever happen to it,
 * given its own losses; its interval is learned, else the expected one, else twelve hours.
 */
export function createSilence(expectedIntervalS: (deviceId: string) => number | undefined): Silence {
  const voices = new Map<string, Voice>();
  const everyMs = (deviceId: string, { cadence }: Voice): number => {
    const expectedS = expectedIntervalS(deviceId);
    return (
      intervalMs(cadence, { typeMs: expectedS === undefined ? undefined : expectedS * 1000 }) ?? UNKNOWN_INTERVAL_MS
    );
  };
  return {
    lastHeardMs: (deviceId) => voices.get(deviceId)?.heardMs,
    heard(deviceId, heardMs, measuredMs) {
      const voice = voices.get(deviceId);
      if (!voice) {
        voices.set(deviceId, { heardMs, measuredMs, cadence: { gapsMs: [] }, losses: emptyLoss() });
        return;
      }
      voice.heardMs = Math.max(voice.heardMs, heardMs);
      if (measuredMs <= voice.measuredMs) return;
      const gapMs = measuredMs - voice.measuredMs;
      learnGap(voice.cadence, gapMs);
      learnArrival(voice.losses, missedIn(gapMs, everyMs(deviceId, voice)));
      voice.measuredMs = measuredMs;
    },
    isSilent(deviceId, nowMs) {
      const voice = voices.get(deviceId);
      return voice !== undefined && judgeSilence(voice.losses, nowMs - voice.heardMs, everyMs(deviceId, voice)).silent;
    },
  };
}
