import type { AssetKind, KpiFigures, KpisDiff, Reading } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';
import type { UplinkDiff } from './diff-page.ts';
import type { Side } from './incident-spans.ts';

/** Adds up the figures of assets on both sides; in the end those of the assets that differ, by class. */
export interface Figures {
  add(uplink: UplinkDiff): void;
  /** Tells whether an asset, or a device, has readings that differ. */
  differs(of: { assetId: string } | { deviceId: string }): boolean;
  result(hours: {
    full: (assetId: string) => Record<Side, number>;
    silent: (deviceId: string) => Record<Side, number>;
  }): Promise<KpisDiff>;
}

interface Sums {
  readings: number;
  fillSum: number;
  fills: number;
}
interface Line {
  before: Sums;
  after: Sums;
  devices: Set<string>;
}

/** Readings of devices that hang nowhere. */
const NOWHERE = '';
const SIDES: readonly Side[] = ['before', 'after'];

export function createFigures(registry: Pick<Registry, 'assets'>, tenant: string): Figures {
  const lines = new Map<string, Line>();
  const changedAssets = new Set<string>();
  const changedDevices = new Set<string>();
  const lineOf = ({ assetId }: Reading): Line => {
    const key = assetId ?? NOWHERE;
    const known = lines.get(key) ?? { before: NONE(), after: NONE(), devices: new Set<string>() };
    lines.set(key, known);
    return known;
  };
  const take = (side: Side, reading: Reading): void => {
    const line = lineOf(reading);
    line.devices.add(reading.deviceId);
    const sums = line[side];
    sums.readings += 1;
    if (reading.quantity !== 'fill' || reading.value === null || reading.quality === 'invalid') return;
    sums.fillSum += reading.value;
    sums.fills += 1;
  };

  return {
    add({ before, after, changes, item }) {
      for (const reading of before) take('before', reading);
      for (const reading of after) take('after', reading);
      if (changes.length > 0) changedDevices.add(item.device.id);
      for (const { was, now } of changes) changedAssets.add((now ?? was)!.assetId ?? NOWHERE);
    },
    differs: (of) => ('deviceId' in of ? changedDevices.has(of.deviceId) : changedAssets.has(of.assetId)),
    async result({ full, silent }) {
      const byKind = new Map<AssetKind | null, { assets: number; before: Row; after: Row }>();
      for (const assetId of changedAssets) {
        const kind = assetId === NOWHERE ? null : ((await registry.assets.get(tenant, assetId))?.kind ?? null);
        const row = byKind.get(kind) ?? { assets: 0, before: EMPTY_ROW(), after: EMPTY_ROW() };
        byKind.set(kind, row);
        if (assetId !== NOWHERE) row.assets += 1;
        const line = lines.get(assetId)!;
        const fullHours = full(assetId);
        for (const side of SIDES) {
          row[side].readings += line[side].readings;
          row[side].fillSum += line[side].fillSum;
          row[side].fills += line[side].fills;
          row[side].fullHours += fullHours[side];
          for (const deviceId of line.devices) row[side].silentHours += silent(deviceId)[side];
        }
      }
      return [...byKind].map(([kind, { assets, before, after }]) => {
        return { kind, assets, before: toFigures(before), after: toFigures(after) };
      });
    },
  };
}

type Row = Sums & { fullHours: number; silentHours: number };
const NONE = (): Sums => ({ readings: 0, fillSum: 0, fills: 0 });
const EMPTY_ROW = (): Row => ({ ...NONE(), fullHours: 0, silentHours: 0 });

function toFigures({ readings, fillSum, fills, fullHours, silentHours }: Row): KpiFigures {
  return {
    readings,
    fullHours: Math.round(fullHours * 100) / 100,
    silentHours: Math.round(silentHours * 100) / 100,
    fillMean: fills === 0 ? null : Math.round((fillSum / fills) * 10_000) / 10_000,
  };
}
