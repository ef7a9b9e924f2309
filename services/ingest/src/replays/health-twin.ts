import type { HealthIssueKind, Reading } from '@ronde/contracts';
import type { SensorTypes } from '@ronde/sensor-types';
import { cadenceOf, judgeDevice } from '../health/judge.ts';
import { learnReading } from '../health/learn-reading.ts';
import { learnUplink } from '../health/learn-uplink.ts';
import { newMemory, type DeviceMemory } from '../health/memory.ts';
import { rulesOf } from '../health/rules.ts';
import { toHeard } from '../steps/heard.ts';
import type { UplinkDiff } from './diff-page.ts';
import type { IncidentSpans, Side } from './incident-spans.ts';

/** Judges devices whose readings differ on both sides, by the rules that judge them live. */
export interface HealthTwin {
  add(uplink: UplinkDiff): void;
  /** Devices that differ beyond the number that can be followed. */
  unjudged(): number;
}

/** A memory is some kilobytes, and there are two for each device. */
const MAX_DEVICES = 20_000;
/** What does not follow from readings, or has an incident of its own in a replay. */
const NOT_JUDGED: ReadonlySet<HealthIssueKind> = new Set(['silent', 'losing-uplinks', 'cross-mounted']);
const SIDES: readonly Side[] = ['before', 'after'];

export function createHealthTwin(types: Pick<SensorTypes, 'get'>, spans: IncidentSpans): HealthTwin {
  const memories = new Map<string, Record<Side, DeviceMemory>>();
  const left = new Set<string>();

  function learn(side: Side, memory: DeviceMemory, { item, before, after }: UplinkDiff): void {
    const { device } = item;
    const readings: readonly Reading[] = side === 'before' ? before : after;
    const readable = new Map(readings.length > 0 ? [[item.uplinkId, {}]] : []);
    const [heard] = toHeard([item], readable, types);
    const rules = rulesOf(types, device.typeId);
    learnUplink(memory, heard!, cadenceOf(device, rules));
    for (const reading of readings) learnReading(memory, reading, rules.tiltedDeg);
    const nowMs = item.frame.receivedAtMs;
    const { issues } = judgeDevice({ device, memory, rules, nowMs, ambientRiseC: 0 });
    const found = new Set(issues.map(({ kind }) => kind).filter((kind) => !NOT_JUDGED.has(kind)));
    for (const issue of ISSUES) {
      const subject = {
        kind: issue === 'fire' ? ('fire' as const) : ('device-health' as const),
        deviceId: device.id,
        assetId: device.assetId,
        issue,
      };
      if (found.has(issue)) spans.open(side, subject, nowMs);
      else spans.close(side, subject, nowMs);
    }
  }

  return {
    unjudged: () => left.size,
    add(uplink) {
      const { device, frame } = uplink.item;
      let memory = memories.get(device.id);
      if (!memory && uplink.changes.length === 0) return;
      if (!memory && memories.size >= MAX_DEVICES) {
        left.add(device.id);
        return;
      }
      // before the first difference both sides would remember the same
      memory ??= { before: newMemory(device.id, frame.receivedAtMs), after: newMemory(device.id, frame.receivedAtMs) };
      memories.set(device.id, memory);
      for (const side of SIDES) learn(side, memory[side], uplink);
    },
  };
}

const ISSUES: readonly HealthIssueKind[] = [
  'battery-low',
  'stuck',
  'blocked',
  'tilted',
  'fire',
  'clock-wrong',
  'calibrate',
  'codec-faults',
];
