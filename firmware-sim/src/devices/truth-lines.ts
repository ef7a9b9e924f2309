import type { CityDevice } from '../city/model.ts';
import type { FaultMix, FaultName, Sample } from '../faults/model.ts';
import type { Begun } from '../faults/sensor-bench.ts';
import type { WorldEvent } from '../fill/world.ts';
import type { FleetParts } from './fleet-parts.ts';

/** What became of a measurement: sent, lost on the air, kept for later, or never made: the cell is empty. */
export type Fate = 'sent' | 'lost' | 'kept' | 'dead';

/** Version of the format, in the first line. */
export const TRUTH_VERSION = 1;

/** First line: what was simulated. */
export function runLine(run: { seed: number; startMs: number; devices: number; mix: FaultMix }): object {
  const { startMs, ...rest } = run;
  return { kind: 'run', version: TRUTH_VERSION, at: iso(startMs), ...rest };
}

/** One device: where it hangs and what is wrong with it for life. */
export function deviceLine(parts: FleetParts, device: number): object {
  const { id, typeId, assetId, chamber, link } = parts.devices[device]!;
  const { emptyM, fullM, level } = parts.probes[device]!;
  const off = parts.clockOffMs[device]!;
  return {
    kind: 'device',
    deviceId: id,
    typeId,
    network: link,
    ...(assetId !== undefined && { assetId }),
    ...(chamber !== undefined && { chamber }),
    ...(level && { emptyDistanceM: emptyM, fullDistanceM: fullM }),
    lossRate: round(parts.losses.rateOf(device), 4),
    charge: round(parts.batteries.chargeOf(device), 4),
    clock: Number.isNaN(off)
      ? 'none'
      : off === 0
        ? 'right'
        : off === -Infinity
          ? 'since start'
          : `${Math.round(off / 1000)} s off`,
    traits: parts.bench.traitsOf(device),
  };
}

/** One measurement with what is true and what the sensor made of it. */
export function sampleLine(
  { id, assetId, chamber }: CityDevice,
  given: {
    atMs: number;
    level: number;
    celsius: number;
    sample: Sample;
    fCnt: number;
    fate: Fate;
    signs: FaultName[];
  },
): object {
  const { atMs, level, celsius, sample, fCnt, fate, signs } = given;
  return {
    kind: 'sample',
    at: iso(atMs),
    deviceId: id,
    ...(assetId !== undefined && { assetId, chamber, level: round(level, 4) }),
    temperatureC: round(celsius, 1),
    distanceM: sample.distanceM === null ? null : round(sample.distanceM, 3),
    ...(sample.temperatureC !== celsius && { saidC: round(sample.temperatureC, 1) }),
    fCnt,
    fate,
    signs,
  };
}

/** Trouble that lasts; `to` null = for good. */
export function beginLine({ id }: CityDevice, { name, fromMs, toMs, strength }: Begun): object {
  return {
    kind: 'fault',
    name,
    deviceId: id,
    from: iso(fromMs),
    to: toMs === Infinity ? null : iso(toMs),
    ...(strength !== undefined && { strength: round(strength, 4) }),
  };
}

/** The end of a device: nothing comes after it. */
export function deathLine({ id }: CityDevice, atMs: number): object {
  return { kind: 'fault', name: 'battery', deviceId: id, from: iso(atMs), to: null };
}

/** A message that came otherwise than at once and alone. */
export function messageLine(deviceId: string, given: { fCnt: number; atMs: number; how: string }): object {
  return { kind: 'message', at: iso(given.atMs), deviceId, fCnt: given.fCnt, how: given.how };
}

/** Something that happened to a bin. */
export function worldLine(event: WorldEvent): object {
  if (event.event === 'surge') {
    const { areaId, fromMs, toMs, crowd } = event;
    return { kind: 'fault', name: 'surge', areaId, from: iso(fromMs), to: iso(toMs), strength: round(crowd, 2) };
  }
  const { assetId, chamber, atMs, level, left } = event;
  return {
    kind: event.event,
    at: iso(atMs),
    assetId,
    chamber,
    level: round(level, 4),
    left: round(left, 4),
  };
}

/** A crew's emptying. */
export function emptiedLine(given: { atMs: number; assetId: string; by: string; left: number }): object {
  return { kind: 'emptied', at: iso(given.atMs), assetId: given.assetId, by: given.by, left: round(given.left, 4) };
}

function iso(ms: number): string {
  // a clock or an outage may run past what a date can hold
  return new Date(Math.min(ms, 8.64e15)).toISOString();
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
