import { toPoint, type AssetInput, type DeviceInput } from '@ronde/contracts';
import { CENTRE, moved } from '../city/streets.ts';
import { createRng, seedOf } from '../rng.ts';
import type { FillRow } from './read-csv.ts';

/** Gives each container of a series a place and a device of its own; asset, device and container have the same id. */
export function replayPlaces(rows: FillRow[], seed: number): { assets: AssetInput[]; devices: DeviceInput[] } {
  const ids = [...new Set(rows.map(({ containerId }) => containerId))];
  const assets = ids.map((id): AssetInput => {
    const rng = createRng(seedOf(seed, `place ${id}`));
    const position = moved(CENTRE, rng.between(-2_000, 2_000), rng.between(-2_000, 2_000));
    return { id, kind: 'container', name: `Container ${id}`, geometry: toPoint(position), chambers: [{ id: '1' }] };
  });
  return { assets, devices: ids.map((id) => ({ id, typeId: 'plain', assetId: id, chamber: '1' })) };
}
