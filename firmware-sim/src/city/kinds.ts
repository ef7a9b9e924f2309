import type { AssetKind, Fraction, LiftType } from '@ronde/contracts';
import type { DemandProfile } from './model.ts';

/** One sort of container as it stands in the street: sizes from the makers' usual ranges. */
export interface ContainerSort {
  key: string;
  kind: AssetKind;
  label: string;
  count: number;
  chambers: readonly { fraction: Fraction; volumesL: readonly number[] }[];
  liftType: LiftType;
  serviceS: number;
  /** Sensor face to floor, metres, and to the level that counts as full. */
  depthM: readonly [number, number];
  fullM: number;
  cycleDays: number;
  depositL: number;
  profile: DemandProfile;
  vehicleId: string;
  /** Where it may stand. */
  where: readonly ('centre' | 'homes' | 'station' | 'park' | 'airport')[];
}

const HOMES = ['homes', 'centre'] as const;
const underground = (key: string, fraction: Fraction, label: string) => ({
  key,
  kind: 'underground-container' as const,
  label: `Ondergrondse container ${label}`,
  where: HOMES,
  chambers: [{ fraction, volumesL: [3_000, 4_000, 5_000] }],
  liftType: 'two-hook' as const,
  serviceS: 240,
  depthM: [2.2, 2.7] as const,
  fullM: 0.5,
});

/** Every sort of container of the city with its number. */
export const SORTS: readonly ContainerSort[] = [
  {
    key: 'ab',
    kind: 'litter-bin',
    label: 'Afvalbak',
    count: 190,
    chambers: [{ fraction: 'litter', volumesL: [60, 70, 90, 120] }],
    liftType: 'hand',
    serviceS: 80,
    depthM: [0.7, 0.95],
    fullM: 0.12,
    cycleDays: 2.6,
    depositL: 1.4,
    profile: 'shopping',
    vehicleId: 'wagen-1',
    where: ['centre', 'station', 'homes'],
  },
  {
    key: 'pb',
    kind: 'litter-bin',
    label: 'Parkbak',
    count: 40,
    chambers: [{ fraction: 'litter', volumesL: [90, 120] }],
    liftType: 'hand',
    serviceS: 90,
    depthM: [0.8, 0.95],
    fullM: 0.12,
    cycleDays: 4,
    depositL: 2,
    profile: 'park',
    vehicleId: 'wagen-1',
    where: ['park'],
  },
  {
    key: 'rc',
    kind: 'container',
    label: 'Rolcontainer restafval',
    count: 70,
    chambers: [{ fraction: 'residual', volumesL: [1_100] }],
    liftType: 'rear-loader',
    serviceS: 140,
    depthM: [1.25, 1.3],
    fullM: 0.36,
    cycleDays: 5,
    depositL: 28,
    profile: 'street',
    vehicleId: 'wagen-1',
    where: ['centre', 'homes', 'station'],
  },
  {
    ...underground('or', 'residual', 'restafval'),
    count: 95,
    cycleDays: 5.5,
    depositL: 32,
    profile: 'home',
    vehicleId: 'wagen-1',
  },
  {
    ...underground('op', 'paper', 'papier'),
    count: 48,
    cycleDays: 6,
    depositL: 24,
    profile: 'recycling',
    vehicleId: 'wagen-2',
  },
  {
    ...underground('ok', 'plastic', 'plastic en drankkartons'),
    count: 40,
    cycleDays: 5,
    depositL: 22,
    profile: 'recycling',
    vehicleId: 'wagen-2',
  },
  {
    key: 'rp',
    kind: 'container',
    label: 'Rolcontainer papier',
    count: 16,
    chambers: [{ fraction: 'paper', volumesL: [1_100] }],
    liftType: 'rear-loader',
    serviceS: 140,
    depthM: [1.25, 1.3],
    fullM: 0.36,
    cycleDays: 4.5,
    depositL: 20,
    profile: 'shopping',
    vehicleId: 'wagen-2',
    where: ['centre'],
  },
  {
    key: 'og',
    kind: 'underground-container',
    label: 'Ondergrondse container glas',
    count: 24,
    chambers: [{ fraction: 'glass', volumesL: [3_000, 4_000] }],
    liftType: 'one-hook',
    serviceS: 220,
    depthM: [2.1, 2.4],
    fullM: 0.5,
    cycleDays: 9,
    depositL: 9,
    profile: 'recycling',
    vehicleId: 'wagen-3',
    where: HOMES,
  },
  {
    key: 'tg',
    kind: 'underground-container',
    label: 'Glascontainer bont en wit',
    count: 16,
    chambers: [
      { fraction: 'glass', volumesL: [2_000] },
      { fraction: 'glass', volumesL: [2_000] },
    ],
    liftType: 'one-hook',
    serviceS: 300,
    depthM: [2.1, 2.4],
    fullM: 0.5,
    cycleDays: 8,
    depositL: 8,
    profile: 'recycling',
    vehicleId: 'wagen-3',
    where: ['centre', 'homes'],
  },
  {
    key: 'ta',
    kind: 'indoor-bin',
    label: 'Terminalbak',
    count: 36,
    chambers: [{ fraction: 'litter', volumesL: [60, 80, 100] }],
    liftType: 'hand',
    serviceS: 50,
    depthM: [0.72, 0.85],
    fullM: 0.1,
    cycleDays: 0.8,
    depositL: 1.1,
    profile: 'airport',
    vehicleId: 'wagen-4',
    where: ['airport'],
  },
  {
    key: 'tp',
    kind: 'indoor-bin',
    label: 'Terminalbak papier',
    count: 10,
    chambers: [{ fraction: 'paper', volumesL: [60, 80] }],
    liftType: 'hand',
    serviceS: 50,
    depthM: [0.72, 0.85],
    fullM: 0.1,
    cycleDays: 1.6,
    depositL: 1.3,
    profile: 'airport',
    vehicleId: 'wagen-4',
    where: ['airport'],
  },
];

/** Things that are serviced but do not fill. */
export const UNFILLED = [
  {
    key: 'wc',
    kind: 'toilet' as const,
    label: 'Openbaar toilet',
    count: 7,
    where: ['centre', 'station', 'park'] as const,
  },
  { key: 'zw', kind: 'bathing-spot' as const, label: 'Zwemplek', count: 4, where: ['park'] as const },
];
