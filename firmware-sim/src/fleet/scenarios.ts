import type { ContainerSort } from '../city/kinds.ts';
import { MINUTE_MS } from '../clock.ts';
import { FAULT_MIXES } from '../faults/mixes.ts';
import type { FaultMix } from '../faults/model.ts';
import { NETWORK_IDS, type NetworkId } from '../networks/model.ts';

/** A fleet, its troubles and its ways to the platform under one name; flags of the command win over it. */
export interface Scenario {
  devices: number;
  intervalMs: number;
  faults: FaultMix;
  networks: readonly NetworkId[];
  types: 'usual' | 'all';
  sort?: ContainerSort;
  lossy?: boolean;
}

/**
 * A bottle bank as measured: emptied 0.79 times a week, falling by 58 cm (median), seen in steps of 2 cm by a sensor that
 * reports hourly with a counter of one byte.
 */
const BOTTLE_BANK: ContainerSort = {
  key: 'gb',
  kind: 'container',
  label: 'Glasbak',
  count: 1,
  chambers: [{ fraction: 'glass', volumesL: [1_500, 2_000, 3_000] }],
  liftType: 'mushroom',
  serviceS: 180,
  depthM: [1, 1.3],
  fullM: 0.4,
  cycleDays: 10.5,
  depositL: 4,
  profile: 'recycling',
  vehicleId: 'wagen-3',
  where: ['centre', 'homes'],
};

/** Scenarios by name. */
export const SCENARIOS = {
  plain: { devices: 20, intervalMs: 15 * MINUTE_MS, faults: {}, networks: ['native'], types: 'usual' },
  city: {
    devices: 600,
    intervalMs: 20 * MINUTE_MS,
    faults: FAULT_MIXES['city']!,
    networks: ['things-stack', 'chirpstack', 'native'],
    types: 'usual',
  },
  frankfurt: {
    devices: 77,
    intervalMs: 60 * MINUTE_MS,
    faults: FAULT_MIXES['frankfurt']!,
    networks: ['native-plain'],
    types: 'usual',
    sort: BOTTLE_BANK,
    lossy: true,
  },
  hard: {
    devices: 500,
    intervalMs: 15 * MINUTE_MS,
    faults: FAULT_MIXES['hard']!,
    networks: NETWORK_IDS,
    types: 'all',
  },
} as const satisfies Record<string, Scenario>;
export type ScenarioName = keyof typeof SCENARIOS;
