import type { UplinkTrace } from '@ronde/contracts';

/** The newest lines of traffic, newest first, never more than `most`; while paused new lines wait apart. */
export interface TrafficRing {
  add(lines: readonly UplinkTrace[]): void;
  /** Starts again with a snapshot. */
  replace(lines: readonly UplinkTrace[]): void;
  pause(): void;
  resume(): void;
  lines(): readonly UplinkTrace[];
  /** Lines that came while paused. */
  held(): number;
  isPaused(): boolean;
}

/** Makes an empty ring. */
export function createTrafficRing(most: number): TrafficRing {
  let shown: UplinkTrace[] = [];
  let waiting: UplinkTrace[] | undefined;
  const newestFirst = (lines: readonly UplinkTrace[]): UplinkTrace[] =>
    lines.toSorted((a, b) => b.receivedAt.localeCompare(a.receivedAt));
  // a line that is told again (the same uplink, handled to its end) takes the place of its first telling
  const merge = (fresh: readonly UplinkTrace[], old: readonly UplinkTrace[]): UplinkTrace[] => {
    const ids = new Set(fresh.map(({ uplinkId }) => uplinkId));
    return [...newestFirst(fresh), ...old.filter(({ uplinkId }) => !ids.has(uplinkId))].slice(0, most);
  };
  return {
    add(lines) {
      if (waiting) waiting = merge(lines, waiting);
      else shown = merge(lines, shown);
    },
    replace(lines) {
      if (waiting) waiting = newestFirst(lines).slice(0, most);
      else shown = newestFirst(lines).slice(0, most);
    },
    pause() {
      waiting ??= [];
    },
    resume() {
      shown = merge(waiting ?? [], shown);
      waiting = undefined;
    },
    lines: () => shown,
    held: () => waiting?.length ?? 0,
    isPaused: () => waiting !== undefined,
  };
}

/** Keeps lines that name what is asked, by device, topic or code, and had the outcome. */
export function filterTraffic(
  lines: readonly UplinkTrace[],
  wanted: { text: string; outcome: string },
): readonly UplinkTrace[] {
  const text = wanted.text.trim().toLowerCase();
  if (text === '' && wanted.outcome === '') return lines;
  return lines.filter(
    ({ deviceId, topic, code, outcome, source }) =>
      (wanted.outcome === '' || outcome === wanted.outcome) &&
      [deviceId, topic, code, source].some((part) => part?.toLowerCase().includes(text)),
  );
}
