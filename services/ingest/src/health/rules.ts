import { USUAL_ENERGY, USUAL_FIRE } from '@ronde/device-health';
import type { SensorTypes } from '@ronde/sensor-types';
import { durationToSeconds } from '@ronde/sensor-types';
import type { HealthRules } from './judge.ts';

/** Gives what a sensor type's manifest says that health needs; the usual values where it says nothing. */
export function rulesOf(types: Pick<SensorTypes, 'get'>, typeId: string): HealthRules {
  const manifest = types.get(typeId)?.manifest;
  return {
    intervalMs: toMs(manifest?.expectedInterval),
    stuckAfterMs: toMs(manifest?.health.stuckAfter),
    energy: USUAL_ENERGY,
    fire: USUAL_FIRE,
  };
}

function toMs(duration: string | undefined): number | undefined {
  const seconds = duration === undefined ? undefined : durationToSeconds(duration);
  return seconds === undefined ? undefined : seconds * 1000;
}
