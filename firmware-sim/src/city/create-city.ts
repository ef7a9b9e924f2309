import { toPoint, type AssetInput } from '@ronde/contracts';
import { createRng, seedOf, type Rng } from '../rng.ts';
import { createFleet } from './fleet.ts';
import { SORTS, UNFILLED, type ContainerSort } from './kinds.ts';
import { AIRPORT, type ChamberDemand, type City, type CityDevice } from './model.ts';
import { sensorsOf } from './sensors.ts';
import { districts, layStreets, moved, placeOn, type District, type Street } from './streets.ts';

const STREETS_PER_DISTRICT = 14;
const NOTES = [
  'Paaltje verwijderen met sleutel 4.',
  'Inrijden vanaf de achterkant.',
  'Staat achter de fietsenstalling.',
  'Let op laaghangende takken.',
  'Deur openen met toegangspas.',
  'Alleen vanaf de parkeerstrook te legen.',
];
const MORNINGS = [
  { from: '05:00', to: '11:00' },
  { from: '18:00', to: '22:00' },
];

interface Ground {
  areas: District[];
  streets: Street[];
}

/**
 * Generates a city that looks Dutch and does not exist: about 600 assets, their sensors, the fleet and how fast
 * everything fills. The same seed gives the same city.
 * @param options.share 1 = the whole city; 0.1 = a tenth of each sort
 */
export function createCity(options: { seed: number; share?: number }): City {
  const { seed, share = 1 } = options;
  const rng = createRng(seedOf(seed, 'city'));
  const areas = districts();
  const ground: Ground = {
    areas,
    streets: areas
      .filter(({ id }) => id !== AIRPORT)
      .flatMap((district) => layStreets(district, STREETS_PER_DISTRICT, rng)),
  };
  const assets: AssetInput[] = [];
  const devices: CityDevice[] = [];
  const demand: ChamberDemand[] = [];
  for (const sort of SORTS) {
    for (let index = 1; index <= Math.max(1, Math.round(sort.count * share)); index++) {
      const id = `${sort.key}-${String(index).padStart(3, '0')}`;
      const asset = containerOf(id, sort, ground, createRng(seedOf(seed, `asset ${id}`)));
      assets.push(asset);
      devices.push(...sensorsOf(asset, sort, seed));
      demand.push(...demandOf(asset, sort, createRng(seedOf(seed, `demand ${id}`))));
    }
  }
  assets.push(...unfilled(ground, seed, share));
  return {
    seed,
    name: 'Rondestad',
    areas: areas.map(({ id, name }) => ({ id, name })),
    assets,
    devices,
    demand,
    ...createFleet(areas),
  };
}

function containerOf(id: string, sort: ContainerSort, ground: Ground, rng: Rng): AssetInput {
  const spot = spotFor(sort.where, ground, rng);
  return {
    id,
    kind: sort.kind,
    name: `${sort.label} ${spot.address}`,
    geometry: toPoint(spot.position),
    chambers: sort.chambers.map(({ fraction, volumesL }, index) => ({
      id: String(index + 1),
      fraction,
      volumeL: rng.pick(volumesL),
    })),
    areaId: spot.areaId,
    address: spot.address,
    liftType: sort.liftType,
    serviceTimeS: sort.serviceS,
    ...(rng.chance(0.06) && { accessNote: rng.pick(NOTES) }),
    ...(spot.pedestrian && { timeWindows: MORNINGS }),
  };
}

function spotFor(where: ContainerSort['where'], { areas, streets }: Ground, rng: Rng) {
  if (where.includes('airport')) {
    const { centre } = areas.find(({ id }) => id === AIRPORT)!;
    // a terminal: one long hall with gates along it
    const gate = rng.int(32) + 1;
    const position = moved(centre, (gate - 16) * 9 + rng.between(-3, 3), rng.between(-22, 22));
    return {
      position,
      address: `Luchthaven, hal ${rng.pick(['vertrek', 'aankomst', 'lounge'])}, gate ${gate}`,
      areaId: AIRPORT,
      pedestrian: false,
    };
  }
  const allowed = areas.filter(({ character }) => where.includes(character)).map(({ id }) => id);
  const street = rng.pick(streets.filter(({ districtId }) => allowed.includes(districtId)));
  const { position, number } = placeOn(street, rng.next(), rng);
  return {
    position,
    address: `${street.name} ${number}, Rondestad`,
    areaId: street.districtId,
    pedestrian: street.pedestrian,
  };
}

function demandOf(asset: AssetInput, sort: ContainerSort, rng: Rng): ChamberDemand[] {
  const visitHour = asset.timeWindows
    ? rng.pick([7, 8, 9, 10])
    : rng.pick(sort.vehicleId === 'wagen-3' ? [8, 10, 15, 18] : [1, 4, 8, 10, 12, 15, 19]);
  const haste = rng.between(0.6, 1.05);
  const cycles = asset.chambers.map(() => Math.min(60, Math.max(0.35, rng.logNormal(sort.cycleDays, 0.45))));
  const visitEveryDays = Math.max(
    sort.profile === 'airport' ? 0.5 : 1,
    Math.round(2 * haste * Math.min(...cycles)) / 2,
  );
  const profile = sort.profile === 'shopping' && asset.areaId !== 'centrum' ? 'street' : sort.profile;
  return asset.chambers.map((chamber, index) => ({
    assetId: asset.id,
    areaId: asset.areaId!,
    chamber: chamber.id,
    fraction: chamber.fraction!,
    volumeL: chamber.volumeL!,
    cycleDays: cycles[index]!,
    depositL: sort.depositL,
    profile,
    visitEveryDays,
    visitHour,
    vehicleId: sort.vehicleId,
  }));
}

function unfilled(ground: Ground, seed: number, share: number): AssetInput[] {
  return UNFILLED.flatMap(({ key, kind, label, count, where }) =>
    Array.from({ length: Math.round(count * share) }, (_, index): AssetInput => {
      const id = `${key}-${String(index + 1).padStart(3, '0')}`;
      const spot = spotFor(where, ground, createRng(seedOf(seed, `asset ${id}`)));
      return {
        id,
        kind,
        name: `${label} ${spot.address}`,
        geometry: toPoint(spot.position),
        chambers: [{ id: '1' }],
        areaId: spot.areaId,
        address: spot.address,
      };
    }),
  );
}
