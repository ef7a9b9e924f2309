import type { DeviceHealth, DeviceRecord, HealthIssue, HealthIssueKind } from '@ronde/contracts';
import {
  batteryByEnergy,
  blockedSince,
  calibrationOf,
  gapProbability,
  intervalMs,
  isStuck,
  judgeFire,
  judgeSilence,
  lossRateOf,
  missedIn,
  type EnergyModel,
  type FireRules,
  type MixUp,
} from '@ronde/device-health';
import { usualRise } from './learn-reading.ts';
import { weeklyLoss } from './learn-uplink.ts';
import type { DeviceMemory } from './memory.ts';

/** What a device's type says that health needs. */
export interface HealthRules {
  intervalMs?: number | undefined;
  stuckAfterMs?: number | undefined;
  /** Absent: it hangs on the mains. */
  energy?: EnergyModel | undefined;
  /** Under this the cell is at its end, volts. */
  lowV?: number | undefined;
  /** Leaning farther counts as tilted. */
  tiltedDeg: number;
  fire: FireRules;
}

/** What is judged: a device, what is remembered of it, and what lies around it. */
export interface Patient {
  device: DeviceRecord;
  memory: DeviceMemory;
  rules: HealthRules;
  nowMs: number;
  /** How much the other sensors' temperatures rose in the same span, degrees. */
  ambientRiseC: number;
  mixUp?: MixUp | undefined;
}

type Finding = Omit<HealthIssue, 'since'> & { sinceMs: number };

const LOSING_FROM = 0.4;
const BATTERY_LOW = 0.1;
const BATTERY_LOW_DAYS = 45;
const TILTED_AFTER = 3;
const CLOCK_WRONG_AFTER = 3;
const UNREADABLE_SHARE = 0.5;
const LEAST_UPLINKS = 5;
/** A mounting this far off what emptyings show gives a wrong fill. */
const CALIBRATE_M = 0.1;
const SEVERE: ReadonlySet<HealthIssueKind> = new Set(['silent', 'fire', 'stuck', 'codec-faults', 'cross-mounted']);

/** Judges how a device does; pure. `before` keeps since when an issue lasts. */
export function judgeDevice(patient: Patient, before?: DeviceHealth): DeviceHealth {
  const { device, memory, rules, nowMs } = patient;
  const everyMs = intervalMs(memory.cadence, cadenceOf(device, rules));
  const issues = findingsOf(patient, everyMs).map(({ sinceMs, ...finding }) => ({
    ...finding,
    since: before?.issues.find(({ kind }) => kind === finding.kind)?.since ?? new Date(sinceMs).toISOString(),
  }));
  const gapMs = nowMs - memory.lastSeenMs;
  return {
    id: device.id,
    at: new Date(nowMs).toISOString(),
    status: issues.some(({ kind }) => SEVERE.has(kind)) ? 'bad' : issues.length > 0 ? 'attention' : 'ok',
    lastSeenAt: new Date(memory.lastSeenMs).toISOString(),
    intervalS: everyMs === undefined ? null : Math.round(everyMs / 1000),
    lossRate: weeklyLoss(memory, nowMs) ?? lossRateOf(memory.losses),
    silenceProbability: everyMs === undefined ? null : gapProbability(memory.losses, missedIn(gapMs, everyMs)),
    battery: batteryOf(patient, everyMs),
    rssi: rounded(memory.rssi),
    snr: rounded(memory.snr),
    spreadingFactor: memory.spreadingFactor,
    issues,
    calibration: calibrationOf(memory.jumps) ?? null,
  };
}

/** Gives what is known of a device's interval before it has shown its own. */
export function cadenceOf(
  device: DeviceRecord,
  rules: Pick<HealthRules, 'intervalMs'>,
): { settingMs?: number | undefined; typeMs?: number | undefined } {
  const settingMs = device.expectedIntervalS === undefined ? undefined : device.expectedIntervalS * 1000;
  return { settingMs, typeMs: rules.intervalMs };
}

function findingsOf(patient: Patient, everyMs: number | undefined): Finding[] {
  return [
    ...silent(patient, everyMs),
    ...losing(patient),
    ...battery(patient, everyMs),
    ...level(patient),
    ...tilted(patient),
    ...fire(patient),
    ...mixedUp(patient),
    ...clockWrong(patient),
    ...calibrate(patient),
    ...unreadable(patient),
  ];
}

function silent({ memory, nowMs }: Patient, everyMs: number | undefined): Finding[] {
  if (everyMs === undefined) return [];
  const verdict = judgeSilence(memory.losses, nowMs - memory.lastSeenMs, everyMs);
  if (!verdict.silent) return [];
  const text = `${verdict.missed} uplinks missing in a row; a gap like this comes to this device with a chance of ${short(verdict.probability)}`;
  return [
    issue(
      'silent',
      memory.lastSeenMs,
      1 - verdict.probability,
      text,
      'look at the device, its battery and its gateway',
    ),
  ];
}

function losing({ memory, nowMs }: Patient): Finding[] {
  const loss = weeklyLoss(memory, nowMs);
  if (loss === null || loss < LOSING_FROM || memory.received < 20) return [];
  const text = `${Math.round(loss * 100)} % of the uplinks of seven days never arrived`;
  return [issue('losing-uplinks', nowMs, 0.9, text, 'move the antenna or add a gateway nearby')];
}

function batteryOf({ device, memory, rules, nowMs }: Patient, everyMs: number | undefined): DeviceHealth['battery'] {
  const told = memory.battery;
  if (!rules.energy) return null;
  const fittedMs = Date.parse(device.mounts?.[0]?.from ?? device.createdAt);
  const ageS = Math.max(0, (nowMs - Math.min(fittedMs, memory.firstSeenMs)) / 1000);
  const watchedS = Math.max(1, (nowMs - memory.firstSeenMs) / 1000);
  const sent = (memory.received + memory.missed) * Math.max(1, ageS / watchedS);
  const model = batteryByEnergy(rules.energy, {
    ageS,
    uplinks: sent,
    payloadBytes: memory.payloadBytes,
    spreadingFactor: memory.spreadingFactor ?? 10,
    intervalS: everyMs === undefined ? null : everyMs / 1000,
  });
  // a device that reports a charge near its end knows better than any model
  if (told && told.charge < model.charge)
    return { charge: told.charge, daysLeft: scaled(model, told.charge), basis: told.basis };
  return { ...model, basis: 'energy-model' };
}

function scaled({ charge, daysLeft }: { charge: number; daysLeft: number | null }, told: number): number | null {
  return daysLeft === null || charge <= 0 ? null : Math.floor((daysLeft * told) / charge);
}

function battery(patient: Patient, everyMs: number | undefined): Finding[] {
  const found = batteryOf(patient, everyMs);
  if (!found) return [];
  const { memory, rules } = patient;
  if (memory.isBatteryLow || (memory.voltage !== null && rules.lowV !== undefined && memory.voltage < rules.lowV)) {
    const text =
      memory.voltage === null ? 'the device says so' : `${memory.voltage.toFixed(2)} V: the cell is at its end`;
    return [issue('battery-low', patient.nowMs, 0.95, text, 'plan a new battery')];
  }
  const { charge, daysLeft } = found;
  if (charge >= BATTERY_LOW && (daysLeft === null || daysLeft >= BATTERY_LOW_DAYS)) return [];
  const text = `about ${Math.round(charge * 100)} % charge left${daysLeft === null ? '' : `, ${daysLeft} days`}`;
  return [issue('battery-low', patient.nowMs, 0.8, text, 'plan a new battery')];
}

function level({ memory, rules }: Patient): Finding[] {
  const cycleMs = cycleOf(memory.drops);
  if (memory.same && isStuck(memory.same, { cycleMs, stuckAfterMs: rules.stuckAfterMs })) {
    const days = ((memory.same.lastMs - memory.same.sinceMs) / 86_400_000).toFixed(1);
    const text = `the very same value ${memory.same.count} times over ${days} days`;
    return [issue('stuck', memory.same.sinceMs, 0.9, text, 'clean or swap the sensor')];
  }
  const since = blockedSince(memory.levels, (atMs) => usualRise(memory, atMs));
  if (since === undefined) return [];
  return [
    issue(
      'blocked',
      since,
      0.7,
      'the level stands still at hours when it always rises',
      'look whether the inlet is blocked',
    ),
  ];
}

function cycleOf(drops: readonly number[]): number | undefined {
  const [first, last] = [drops[0], drops.at(-1)];
  return first === undefined || last === undefined || drops.length < 2
    ? undefined
    : (last - first) / (drops.length - 1);
}

function tilted({ memory }: Patient): Finding[] {
  if (!memory.tilted || memory.tilted.count < TILTED_AFTER) return [];
  const text = `tilted in ${memory.tilted.count} uplinks in a row`;
  return [issue('tilted', memory.tilted.sinceMs, 0.95, text, 'set the bin or the sensor upright')];
}

function fire({ memory, rules, ambientRiseC }: Patient): Finding[] {
  const confidence = judgeFire(memory.temperatures, ambientRiseC, rules.fire);
  if (confidence === undefined) return [];
  const last = memory.temperatures.at(-1)!;
  const text = `the temperature climbs as in a fire: ${Math.round(last.celsius)} °C now`;
  return [issue('fire', last.atMs, confidence, text, 'call the fire brigade or send somebody at once')];
}

function mixedUp({ mixUp, nowMs }: Patient): Finding[] {
  if (!mixUp) return [];
  const other = mixUp.withDeviceId === null ? '' : `, swapped with ${mixUp.withDeviceId}`;
  const text = `its level falls when ${mixUp.likelyAssetId} is emptied, not ${mixUp.assetId}${other}`;
  return [issue('cross-mounted', nowMs, mixUp.confidence, text, `mount it on ${mixUp.likelyAssetId} in the registry`)];
}

function clockWrong({ memory, nowMs }: Patient): Finding[] {
  if (memory.clockFaults < CLOCK_WRONG_AFTER) return [];
  return [issue('clock-wrong', nowMs, 0.9, 'its times lie far off the time of receipt', "set the device's clock")];
}

function calibrate({ device, memory, nowMs }: Patient): Finding[] {
  const found = calibrationOf(memory.jumps);
  if (!found || found.emptyings < 2 || device.assetId === undefined) return [];
  const set = device.mounting?.emptyDistanceM;
  if (set !== undefined && Math.abs(set - found.emptyDistanceM) <= CALIBRATE_M) return [];
  const known = set === undefined ? 'no mounting is set' : `the mounting says ${set.toFixed(2)} m`;
  const text = `after ${found.emptyings} emptyings the floor lies at ${found.emptyDistanceM.toFixed(2)} m; ${known}`;
  return [issue('calibrate', nowMs, 0.8, text, 'take over the suggested mounting')];
}

function unreadable({ memory, nowMs }: Patient): Finding[] {
  const bad = memory.readable.filter((readable) => !readable).length;
  if (memory.readable.length < LEAST_UPLINKS || bad / memory.readable.length < UNREADABLE_SHARE) return [];
  const text = `${bad} of the last ${memory.readable.length} uplinks could not be read`;
  return [issue('codec-faults', nowMs, 0.95, text, 'check the device type and its firmware version')];
}

function issue(kind: HealthIssueKind, sinceMs: number, confidence: number, text: string, remedy: string): Finding {
  return { kind, sinceMs, confidence: Math.max(0, Math.min(1, confidence)), text, remedy };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}

function short(probability: number): string {
  return probability >= 0.001 ? `${(probability * 100).toFixed(1)} %` : probability.toExponential(0);
}
