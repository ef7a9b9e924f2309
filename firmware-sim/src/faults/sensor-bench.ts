import { DAY_MS } from '../clock.ts';
import { createRng, mixSeed, seedOf, type Rng } from '../rng.ts';
import { blindZone } from './blind-zone.ts';
import { drift } from './drift.ts';
import { fire } from './fire.ts';
import { ghost } from './ghost.ts';
import { int8 } from './int8.ts';
import { lidOpen } from './lid-open.ts';
import type { FaultMix, FaultName, Now, Probe, Sample, SensorFault } from './model.ts';
import { noise } from './noise.ts';
import { quantisation } from './quantisation.ts';
import { sentinel } from './sentinel.ts';
import { spike } from './spike.ts';
import { stuck } from './stuck.ts';
import { swap } from './swap.ts';
import { tilt } from './tilt.ts';

/** In the order in which they act: the bin first, then the beam, then the device's own arithmetic. */
const CHAIN: readonly SensorFault[] = [
  swap,
  fire,
  lidOpen,
  tilt,
  drift,
  noise,
  ghost,
  spike,
  blindZone,
  quantisation,
  stuck,
  sentinel,
  int8,
];

/** Trouble that begins, for the ground truth; `toMs` Infinity = for good. */
export interface Begun {
  name: FaultName;
  device: number;
  fromMs: number;
  toMs: number;
  strength?: number;
}

/** Measures for a whole fleet; everything a device remembers is a number in a column. */
export interface SensorBench {
  /**
   * Measures once. `sinceMs` = time since the device's last measurement: trouble begins by chance over it.
   * @returns the sample (reused by the next call); what acted stands in `signs`
   */
  measure(
    device: number,
    given: { level: number; temperatureC: number; atMs: number; sinceMs: number },
    rng: Rng,
  ): Sample;
  /** What acted on the last measurement. */
  readonly signs: FaultName[];
  /** What a device is made with, by fault. */
  traitsOf(device: number): Partial<Record<FaultName, number>>;
  /** What stays for good (a swapped bin), by fault; for the state file. */
  lastingOf(device: number): Partial<Record<FaultName, number>>;
  restore(device: number, lasting: Partial<Record<FaultName, number>>): void;
}

interface Slot {
  fault: SensorFault;
  factor: number;
  traits: Float64Array | undefined;
  beganMs: Float64Array | undefined;
  untilMs: Float64Array | undefined;
  strengths: Float64Array | undefined;
}

/** Makes the sensors of a fleet with what is wrong with each. */
export function createSensorBench(
  probes: readonly Probe[],
  options: { mix: FaultMix; seed: number; ids: (device: number) => string; onBegin?: (begun: Begun) => void },
): SensorBench {
  const { mix, onBegin } = options;
  const slots = CHAIN.flatMap((fault) => slotOf(fault, mix[fault.name] ?? 0, probes.length));
  drawTraits(slots, probes, options);
  const sample: Sample = { distanceM: 0, temperatureC: 0, tiltDeg: 0, lidOpen: false, fire: false, samples: 15 };
  const signs: FaultName[] = [];
  const now: Now = { atMs: 0, beganMs: 0, rng: createRng(0), probe: probes[0]!, trait: NaN, strength: NaN };
  const slotNamed = (name: string): Slot | undefined => slots.find(({ fault }) => fault.name === name);
  return {
    signs,
    measure(device, { level, temperatureC, atMs, sinceMs }, rng) {
      const probe = probes[device]!;
      Object.assign(sample, { temperatureC, tiltDeg: 0, lidOpen: false, fire: false, samples: 15 });
      sample.distanceM = trueDistanceM(probe, level);
      signs.length = 0;
      now.atMs = atMs;
      now.rng = rng;
      now.probe = probe;
      for (const slot of slots) {
        if (!isOn(slot, device, { now, days: sinceMs / DAY_MS, onBegin })) continue;
        const before: number | null = sample.distanceM;
        slot.fault.act(sample, now);
        if (slot.strengths) slot.strengths[device] = now.strength;
        // a blind zone that changed nothing is no sign
        if (!slot.fault.silent && (slot.fault !== blindZone || before !== sample.distanceM))
          signs.push(slot.fault.name);
      }
      if (sample.distanceM !== null) sample.distanceM = Math.max(0.01, sample.distanceM);
      return sample;
    },
    traitsOf: (device) =>
      pick(slots, ({ fault, traits }) => (fault.levelOnly && !probes[device]!.level ? undefined : traits?.[device])),
    lastingOf: (device) =>
      pick(slots, ({ untilMs, strengths }) => (untilMs?.[device] === Infinity ? strengths![device] : undefined)),
    restore(device, lasting) {
      for (const [name, strength] of Object.entries(lasting)) {
        const slot = slotNamed(name);
        if (!slot?.untilMs) continue;
        slot.untilMs[device] = Infinity;
        slot.strengths![device] = strength;
      }
    },
  };
}

/** Sensor face to waste along the beam, metres, as it truly is. */
export function trueDistanceM({ emptyM, fullM }: Probe, level: number): number {
  return Math.max(0.01, emptyM - level * (emptyM - fullM));
}

function slotOf(fault: SensorFault, factor: number, devices: number): Slot[] {
  if (factor <= 0) return [];
  const { trait, episode } = fault;
  return [
    {
      fault,
      factor,
      traits: trait && new Float64Array(devices),
      beganMs: episode && new Float64Array(devices),
      untilMs: episode && new Float64Array(devices),
      strengths: episode && new Float64Array(devices),
    },
  ];
}

function drawTraits(
  slots: readonly Slot[],
  probes: readonly Probe[],
  { seed, ids }: { seed: number; ids: (device: number) => string },
): void {
  const rng = createRng(0);
  probes.forEach((probe, device) => {
    const own = seedOf(seed, ids(device));
    slots.forEach(({ fault, factor, traits }) => {
      if (!traits) return;
      // each fault has luck of its own: turning one on changes nothing in the others
      rng.seek(mixSeed(own, CHAIN.indexOf(fault) + 1));
      traits[device] = fault.trait!(rng, probe, factor);
    });
  });
}

/** Tells whether a fault acts now, and begins it when its time has come; fills `now` with what it needs. */
function isOn(
  { fault, factor, traits, beganMs, untilMs, strengths }: Slot,
  device: number,
  given: { now: Now; days: number; onBegin: ((begun: Begun) => void) | undefined },
): boolean {
  const { now, days, onBegin } = given;
  if (fault.levelOnly && !now.probe.level) return false;
  now.trait = traits?.[device] ?? NaN;
  if (traits && Number.isNaN(now.trait)) return false;
  now.beganMs = now.atMs;
  now.strength = NaN;
  if (fault.perMessage !== undefined) return now.rng.chance(fault.perMessage * factor);
  const { episode } = fault;
  if (!episode || !untilMs || !beganMs || !strengths) return true;
  if (untilMs[device]! <= now.atMs) {
    // a trait already says which share of the devices has it; the others have it more often
    const perDay = episode.perDay * (traits ? 1 : factor);
    if (!now.rng.chance(perDay * days)) return false;
    beganMs[device] = now.atMs;
    untilMs[device] = now.atMs + Math.round(episode.lastsMs(now.rng, now.probe));
    strengths[device] = episode.strength?.(now.rng, now.probe) ?? NaN;
    const strength = strengths[device]!;
    onBegin?.({
      name: fault.name,
      device,
      fromMs: now.atMs,
      toMs: untilMs[device]!,
      ...(!Number.isNaN(strength) && { strength }),
    });
  }
  now.beganMs = beganMs[device]!;
  now.strength = strengths[device]!;
  return true;
}

function pick(slots: readonly Slot[], of: (slot: Slot) => number | undefined): Partial<Record<FaultName, number>> {
  return Object.fromEntries(
    slots.flatMap((slot) => {
      const value = of(slot);
      return value === undefined || Number.isNaN(value) ? [] : [[slot.fault.name, Number(value.toFixed(5))]];
    }),
  );
}
