import { USUAL_ENERGY, USUAL_FIRE, airtimeMs, type EnergyModel, type FireRules } from '@ronde/device-health';
import { durationToSeconds, type Manifest, type SensorTypes } from '@ronde/sensor-types';
import type { HealthRules } from './judge.ts';

type ManifestHealth = Manifest['health'];
const USUAL_TILTED_DEG = 20;

// every reading asks
const known = new WeakMap<Manifest, HealthRules>();
const USUAL = toRules(undefined);

/** Gives what a sensor type's manifest says that health needs; the usual values where it says nothing. */
export function rulesOf(types: Pick<SensorTypes, 'get'>, typeId: string): HealthRules {
  const manifest = types.get(typeId)?.manifest;
  if (!manifest) return USUAL;
  const rules = known.get(manifest) ?? toRules(manifest);
  known.set(manifest, rules);
  return rules;
}

function toRules(manifest: Manifest | undefined): HealthRules {
  const health: ManifestHealth = manifest?.health ?? {};
  return {
    intervalMs: toMs(manifest?.expectedInterval),
    stuckAfterMs: toMs(health.stuckAfter),
    energy: health.battery?.chemistry === 'mains' ? undefined : energyOf(health.battery),
    lowV: health.battery?.lowV,
    tiltedDeg: health.tilt?.aboveDeg ?? USUAL_TILTED_DEG,
    fire: fireOf(health.fire),
  };
}

function energyOf(battery: ManifestHealth['battery']): EnergyModel {
  const { capacityMah, sleepUa, selfDischargePerYear, uplinkMc } = battery ?? {};
  // the manifest gives an uplink's whole charge at SF7; the model adds the sending itself
  const sendingMas = (airtimeMs({ payloadBytes: 12, spreadingFactor: 7 }) / 1000) * USUAL_ENERGY.txMa;
  return {
    ...USUAL_ENERGY,
    ...(capacityMah !== undefined && { capacityMah }),
    ...(sleepUa !== undefined && { sleepUa }),
    ...(selfDischargePerYear !== undefined && { selfDischargePerYear }),
    ...(uplinkMc !== undefined && { measureMas: Math.max(0, uplinkMc - sendingMas) }),
  };
}

function fireOf(fire: ManifestHealth['fire']): FireRules {
  const { aboveC, risePerMinC } = fire ?? {};
  return {
    ...USUAL_FIRE,
    ...(aboveC !== undefined && { hotC: aboveC }),
    ...(risePerMinC !== undefined && { riseC: (risePerMinC * USUAL_FIRE.spanMs) / 60_000 }),
  };
}

function toMs(duration: string | undefined): number | undefined {
  const seconds = duration === undefined ? undefined : durationToSeconds(duration);
  return seconds === undefined ? undefined : seconds * 1000;
}
