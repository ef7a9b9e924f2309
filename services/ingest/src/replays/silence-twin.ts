import { createSilence, type Silence } from '@ronde/readings';
import type { IncidentSpans, Side } from './incident-spans.ts';

/** When devices are heard on each side, and how long they were silent by the live rule. */
export interface SilenceTwin {
  /** Notes that an uplink became readings on the sides named. */
  heard(
    device: { id: string; assetId: string | null },
    sides: readonly Side[],
    times: { heardMs: number; measuredMs: number },
  ): void;
  /** Ends the span: who is silent then has been so until then. */
  finish(untilMs: number): void;
  silentHours(deviceId: string): Record<Side, number>;
}

const HOUR_MS = 3_600_000;
const STEP_MS = 60_000;
const SIDES: readonly Side[] = ['before', 'after'];

/** Creates the twin; `differs` tells for whom silence is of interest, so that the others cost little. */
export function createSilenceTwin(parts: {
  expectedIntervalS: (deviceId: string) => number | undefined;
  spans: IncidentSpans;
  differs: (deviceId: string) => boolean;
}): SilenceTwin {
  const { expectedIntervalS, spans, differs } = parts;
  const sides: Record<Side, { silence: Silence; silentMs: Map<string, number> }> = {
    before: { silence: createSilence(expectedIntervalS), silentMs: new Map() },
    after: { silence: createSilence(expectedIntervalS), silentMs: new Map() },
  };
  const assets = new Map<string, string | null>();
  /** Silent times of devices that have not differed so far: told when they do. */
  const kept = new Map<string, { side: Side; fromMs: number; toMs: number | null }[]>();
  const subjectOf = (deviceId: string) => {
    return { kind: 'sensor-silent', deviceId, assetId: assets.get(deviceId) ?? undefined } as const;
  };

  /** Adds the silence that ends at a moment, if there was one. */
  function settle(side: Side, deviceId: string, { untilMs, lasts }: { untilMs: number; lasts: boolean }): void {
    const { silence, silentMs } = sides[side];
    const lastMs = silence.lastHeardMs(deviceId);
    if (lastMs === undefined || !silence.isSilent(deviceId, untilMs)) return;
    const fromMs = silentFrom(silence, deviceId, { lastMs, untilMs });
    silentMs.set(deviceId, (silentMs.get(deviceId) ?? 0) + untilMs - fromMs);
    const spell = { side, fromMs, toMs: lasts ? null : untilMs };
    const list = kept.get(deviceId);
    if (list) list.push(spell);
    else kept.set(deviceId, [spell]);
  }

  return {
    heard({ id, assetId }, onSides, { heardMs, measuredMs }) {
      assets.set(id, assetId);
      for (const side of onSides) {
        settle(side, id, { untilMs: heardMs, lasts: false });
        sides[side].silence.heard(id, heardMs, measuredMs);
      }
    },
    finish(untilMs) {
      for (const id of assets.keys()) {
        if (!differs(id)) continue;
        for (const side of SIDES) settle(side, id, { untilMs, lasts: true });
        for (const { side, fromMs, toMs } of kept.get(id) ?? []) {
          spans.open(side, subjectOf(id), fromMs);
          if (toMs !== null) spans.close(side, subjectOf(id), toMs);
        }
      }
    },
    silentHours: (deviceId) => ({
      before: (sides.before.silentMs.get(deviceId) ?? 0) / HOUR_MS,
      after: (sides.after.silentMs.get(deviceId) ?? 0) / HOUR_MS,
    }),
  };
}

/** Finds when a device that is silent now began to count as such, to the minute. */
function silentFrom(
  silence: Silence,
  deviceId: string,
  { lastMs, untilMs }: { lastMs: number; untilMs: number },
): number {
  let [low, high] = [lastMs, untilMs];
  while (high - low > STEP_MS) {
    const middle = (low + high) / 2;
    if (silence.isSilent(deviceId, middle)) high = middle;
    else low = middle;
  }
  return Math.round(high);
}
