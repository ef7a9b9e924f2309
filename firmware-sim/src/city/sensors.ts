import { toLatLon, type AssetInput } from '@ronde/contracts';
import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import { createRng, seedOf, type Rng } from '../rng.ts';
import type { ContainerSort } from './kinds.ts';
import type { NetworkId } from '../networks/model.ts';
import type { CityDevice } from './model.ts';

/** Laser and short-range types suit small bins; the ultrasonic ones are blind within 30 cm and hang in deep containers. */
const SHALLOW = [
  ['milesight-em400-tld', 5],
  ['milesight-em310-udl', 4],
  ['plain', 1],
] as const;
const DEEP = [
  ['dragino-ldds75', 3],
  ['decentlab-dl-mbx', 3],
  ['elsys-elt', 3],
  ['milesight-em310-udl', 1],
  ['plain', 0.5],
] as const;
const LINKS = [
  ['things-stack', 47],
  ['chirpstack', 46],
  ['native', 7],
] as const;

/** Hangs one sensor in each chamber of an asset. */
export function sensorsOf(asset: AssetInput, sort: ContainerSort, seed: number): CityDevice[] {
  return asset.chambers.map((chamber, index) => {
    const rng = createRng(seedOf(seed, `sensor ${asset.id} ${chamber.id}`));
    const typeId = rng.weighted<string>(sort.depthM[0] < 1.2 ? SHALLOW : DEEP);
    const link: NetworkId = typeId === 'plain' ? 'native-plain' : rng.weighted<NetworkId>(LINKS);
    const emptyDistanceM = Number(rng.between(...sort.depthM).toFixed(2));
    const fast = sort.profile === 'airport';
    return {
      id: `dev-${asset.id}${asset.chambers.length > 1 ? `-${index + 1}` : ''}`,
      typeId,
      name: `Sensor ${asset.name}`.slice(0, 200),
      ...(!link.startsWith('native') && { externalIds: { devEui: devEui(rng) } }),
      assetId: asset.id,
      chamber: chamber.id,
      ...(typeId !== 'plain' && { mounting: { emptyDistanceM, fullDistanceM: sort.fullM } }),
      link,
      position: toLatLon(asset.geometry),
      intervalMs: (fast ? 15 : 20) * MINUTE_MS,
      historyIntervalMs: historyHours(sort) * HOUR_MS,
    };
  });
}

function historyHours({ cycleDays, profile }: ContainerSort): number {
  if (profile === 'airport') return 1;
  return cycleDays < 5 ? 2 : 3;
}

// an EUI from a block that IEEE gives out for private use: bit 0x02 of the first byte says "locally administered"
function devEui(rng: Rng): string {
  return ['72', 'f0', 'de', ...Array.from({ length: 5 }, () => rng.int(256).toString(16).padStart(2, '0'))].join('');
}
