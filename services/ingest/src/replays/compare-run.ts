import type { Replay, ReplayDiff } from '@ronde/contracts';
import { mountAt } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';
import type { SensorTypes } from '@ronde/sensor-types';
import { rulesOf } from '../health/rules.ts';
import { createReadingCounter } from './count-readings.ts';
import type { UplinkDiff } from './diff-page.ts';
import { openDifferenceLog } from './differences.ts';
import { createFigures } from './figures.ts';
import { createHealthTwin } from './health-twin.ts';
import { createIncidentSpans, type Side } from './incident-spans.ts';
import { createLevelTwin } from './level-twin.ts';
import { createSilenceTwin } from './silence-twin.ts';
import { walk, type Stretch, type WalkParts } from './walk.ts';

export interface CompareParts extends WalkParts {
  registry: Pick<Registry, 'assets' | 'replayDifferences' | 'replays'>;
  sensorTypes: Pick<SensorTypes, 'get' | 'choose'>;
}
export interface RunControl {
  signal: AbortSignal;
  onStretch: (stretch: Stretch) => void;
}

/** Changes in memory at once; and a stretch of time that is played in one piece. */
const SETTLE_CHANGES = 50_000;
const SETTLE_FRAMES = 20_000;

/** Reads the frames of a replay again and tells what would change, and changes nothing; undefined when it was ended. */
export async function compareReplay(
  replay: Replay,
  parts: CompareParts,
  control: RunControl,
): Promise<ReplayDiff | undefined> {
  const { tenant, readings, registry, sensorTypes } = parts;
  const counter = createReadingCounter();
  const log = await openDifferenceLog(registry, tenant, replay.id);
  const figures = createFigures(registry, tenant);
  const spans = createIncidentSpans();
  const fromMs = Date.parse(replay.from);
  const levels = createLevelTwin({ readings, tenant, fromMs, spans });
  const health = createHealthTwin(sensorTypes, spans);
  const typeOf = new Map<string, string>();
  const silence = createSilenceTwin({
    expectedIntervalS: (deviceId) => {
      const { intervalMs } = rulesOf(sensorTypes, typeOf.get(deviceId) ?? '');
      return intervalMs === undefined ? undefined : intervalMs / 1000;
    },
    spans,
    differs: (deviceId) => figures.differs({ deviceId }),
  });
  const total = { frames: 0, uplinks: 0, failing: 0 };
  let sinceSettled = 0;

  const take = (uplink: UplinkDiff): void => {
    const { item, changes } = uplink;
    typeOf.set(item.device.id, item.device.typeId);
    counter.add(uplink);
    log.add(changes);
    figures.add(uplink);
    levels.note(changes);
    health.add(uplink);
    silence.heard({ id: item.device.id, assetId: assetOf(uplink) }, sidesOf(uplink), timesOf(uplink));
  };

  for await (const stretch of walk(replay, parts, { after: 0, signal: control.signal })) {
    total.frames += stretch.frames;
    total.uplinks += stretch.uplinks.length;
    total.failing += stretch.failing;
    stretch.uplinks.forEach(take);
    await log.flush();
    sinceSettled += stretch.frames;
    if (sinceSettled >= SETTLE_FRAMES || levels.waiting() >= SETTLE_CHANGES) {
      await levels.settle(stretch.receivedAtMs);
      sinceSettled = 0;
    }
    control.onStretch(stretch);
  }
  if (control.signal.aborted) return undefined;
  const toMs = Date.parse(replay.to);
  await levels.settle(toMs);
  silence.finish(toMs);
  const kpis = await figures.result({ full: levels.fullHours, silent: silence.silentHours });
  return {
    ...total,
    readings: { ...counter.result(), kept: log.kept() },
    incidents: spans.diff(health.unjudged()),
    kpis,
  };
}

function sidesOf({ before, after }: UplinkDiff): Side[] {
  return [...(before.length > 0 ? ['before' as const] : []), ...(after.length > 0 ? ['after' as const] : [])];
}

function timesOf({ item }: UplinkDiff): { heardMs: number; measuredMs: number } {
  const heardMs = item.frame.receivedAtMs;
  return { heardMs, measuredMs: item.uplink.atMs ?? heardMs };
}

function assetOf({ item }: UplinkDiff): string | null {
  return mountAt(item.device, item.uplink.atMs ?? item.frame.receivedAtMs)?.assetId ?? null;
}
