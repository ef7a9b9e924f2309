import type { EncodedUplink } from '@ronde/sensor-types';
import { shownMs } from '../faults/clocks.ts';
import type { FaultMix, Sample } from '../faults/model.ts';
import type { Delivery, Value } from '../networks/model.ts';
import { encodeValuesOf, namedValuesOf, type Measured } from '../quantities/measured.ts';
import { sceneOf } from '../quantities/scene.ts';
import { mixSeed, type Rng } from '../rng.ts';
import type { FleetParts } from './fleet-parts.ts';
import { throughAir, type Air } from './radio.ts';

/** Turns measurements into what a network gets to see. */
export interface Composer {
  compose(device: number, given: { atMs: number; sample: Sample; fCnt: number }): Delivery;
  /** Draws a way through the air. */
  airOf(device: number, atMs: number): Air;
  wireMs(simMs: number): number;
}

export interface ComposerOptions {
  parts: FleetParts;
  fleet: { seed: number };
  mix: FaultMix;
  rng: Rng;
  startMs: number;
  wireMs?: ((simMs: number) => number) | undefined;
}

const SENDS_NOTHING = { fPort: 0, bytes: new Uint8Array(0) };
/** What a device without bytes says when it hangs in a bin of known depth. */
const MOUNTED = ['distance', 'temperature', 'battery', 'tilt'] as const;

/** Makes the composer of a fleet. */
export function createComposer(options: ComposerOptions): Composer {
  const { parts, mix, rng, startMs } = options;
  const { devices, networks, types, batteries } = parts;
  const wireMs = options.wireMs ?? ((simMs: number) => simMs);
  const airOf = (device: number, atMs: number): Air =>
    throughAir(devices[device]!.position, { atMs: wireMs(atMs), clockFaults: mix['gateway-clock'] ?? 0 }, rng);
  const deviceMsOf = (device: number, atMs: number): number | null =>
    shownMs(parts.clockOffMs[device]!, { atMs: wireMs(atMs), upMs: atMs - startMs });
  const measuredOf = (device: number, atMs: number, sample: Sample): Measured => ({
    sample,
    probe: parts.probes[device]!,
    battery: batteries.saidBy(device),
    scene: () =>
      sceneOf({
        atMs,
        outsideC: sample.temperatureC,
        position: devices[device]!.position,
        seed: mixSeed(options.fleet.seed, device),
        intervalMs: devices[device]!.intervalMs,
      }),
  });
  /** What new firmware adds may be more than the network carries: the radio cuts it off. */
  const fitted = (device: number, uplink: EncodedUplink): EncodedUplink => {
    const { fPort, bytes } = parts.firmware.rewrite(device, uplink);
    return { fPort, bytes: bytes.subarray(0, networks[device]!.maxBytes) };
  };
  return {
    airOf,
    wireMs,
    compose(device, { atMs, sample, fCnt }) {
      const type = types[device]!;
      const measured = measuredOf(device, atMs, sample);
      const encode = networks[device]!.carries === 'bytes' ? type.encode : undefined;
      const quantities = type.id === 'plain' && devices[device]!.mounting ? MOUNTED : type.quantities;
      const values: Value[] = encode ? [] : namedValuesOf(quantities, measured);
      return {
        ids: parts.ids[device]!,
        typeId: type.id,
        uplink: encode ? fitted(device, encode(encodeValuesOf(type, measured))) : SENDS_NOTHING,
        values,
        air: airOf(device, atMs),
        fCnt,
        session: parts.counters.sessionOf(device),
        atMs: wireMs(atMs),
        deviceMs: deviceMsOf(device, atMs),
        battery: measured.battery,
        late: false,
      };
    },
  };
}
