import { toPoint, type AssetInput, type Fault, type Result } from '@ronde/contracts';
import { SORTS, type ContainerSort } from '../city/kinds.ts';
import type { ChamberDemand, City, CityDevice } from '../city/model.ts';
import { CENTRE, districts, moved } from '../city/streets.ts';
import { HOUR_MS } from '../clock.ts';
import { openNetworks } from '../networks/index.ts';
import type { Network, NetworkId } from '../networks/model.ts';
import { encodeValuesOf, type Measured } from '../quantities/measured.ts';
import { sceneOf } from '../quantities/scene.ts';
import { createRng, mixSeed, type Rng } from '../rng.ts';
import type { SimType, TypeBook } from '../type-book.ts';

export interface LoadFleetOptions {
  seed: number;
  devices: number;
  intervalMs: number;
  networks: readonly NetworkId[];
  /** Types to use in turn; the usual fill sensors when absent. */
  types?: readonly string[] | undefined;
  /** One sort of container for all; every sort in turn when absent. */
  sort?: ContainerSort | undefined;
  lossy?: boolean | undefined;
}

/** Devices of any number, network and type, without a city around them; what the platform must know is made on request. */
export interface LoadFleet extends City {
  /** Asset in which a device hangs; undefined for one that measures no level. */
  assetOf(device: number): AssetInput | undefined;
}

/** Usual fill sensors, as many of each as of the others. */
export const USUAL_TYPES = [
  'milesight-em310-udl',
  'milesight-em400-tld',
  'dragino-ldds75',
  'decentlab-dl-mbx',
  'elsys-elt',
] as const;
/** So many devices of one seed have network names of their own; beyond it seeds would meet. */
const NAMES_PER_SEED = 200_000;
const SEEDS = 4_096;
/** A sensor that is blind this far hangs in deep containers only. */
const SHORT_SIGHTED_M = 0.15;
const DEEP_M = 1.2;
const SPREAD_M = 3_000;
/** Any measurement: its payload is as long as every other. */
const EXAMPLE: Measured = {
  sample: { distanceM: 1, temperatureC: 12, tiltDeg: 0, lidOpen: false, fire: false, samples: 15 },
  probe: { emptyM: 2, fullM: 0.5, blindM: 0, codesM: [null], level: true },
  battery: 0.9,
  scene: () =>
    sceneOf({ atMs: Date.UTC(2026, 5, 15, 12), outsideC: 12, position: CENTRE, seed: 1, intervalMs: HOUR_MS }),
};

/**
 * Makes a fleet: networks in turn, and in each the types that its payload has room for.
 * @returns every network without a type that fits, as faults
 */
export function createLoadFleet(options: LoadFleetOptions, types: TypeBook): Result<LoadFleet> {
  const networks = openNetworks('any');
  const wanted = (options.types ?? USUAL_TYPES).map((id) => types.of(id));
  const faults: Fault[] = [];
  const choices = options.networks.map((id): { network: Network; types: SimType[] } => {
    const network = networks[id];
    const fitting = fittingTypes(network, wanted, options.types === undefined ? types.of('plain') : undefined);
    if (fitting.length === 0) faults.push(noTypeFault(network));
    return { network, types: fitting };
  });
  if (faults.length > 0) return { ok: false, faults };
  const areas = districts();
  const rng = createRng(0);
  const sorts: ContainerSort[] = [];
  const devices: CityDevice[] = [];
  const demand: ChamberDemand[] = [];
  for (let index = 0; index < options.devices; index++) {
    rng.seek(mixSeed(options.seed, index));
    const choice = choices[index % choices.length]!;
    // begins each network at another type, so that few devices already show many types
    const type = choice.types[(index + Math.floor(index / choices.length)) % choice.types.length]!;
    const sort = options.sort ?? sortFor(type, rng);
    const device = deviceOf(index, { options, network: choice.network, type, sort, rng });
    devices.push(device);
    sorts.push(sort);
    if (type.level) demand.push(demandOf(device, sort, { areaId: rng.pick(areas).id, rng }));
  }
  return {
    ok: true,
    value: { ...emptyCity(options.seed), devices, demand, assetOf: (place) => assetOf(devices[place]!, sorts[place]!) },
  };
}

/** Types that a network can carry; without a choice, networks of values carry plain devices. */
function fittingTypes(network: Network, wanted: SimType[], plain: SimType | undefined): SimType[] {
  if (network.carries === 'values') return plain ? [plain] : wanted;
  return wanted.filter((type) => {
    if (!type.encode) return false;
    const { bytes, fPort } = type.encode(encodeValuesOf(type, EXAMPLE));
    const { maxBytes, onlyPort = fPort } = network;
    return bytes.length <= maxBytes && fPort === (onlyPort === 'none' ? type.firstPort : onlyPort);
  });
}

function noTypeFault({ id, maxBytes, onlyPort }: Network): Fault {
  const what = typeof onlyPort === 'number' ? `of port ${onlyPort} only` : `of at most ${maxBytes} bytes`;
  return {
    field: 'networks',
    code: 'INPUT_INVALID',
    message: `${id} carries payloads ${what}, and none of the types sends such`,
    remedy: 'name another type in --types, or leave this network out',
  };
}

function sortFor({ blindM, maxM }: SimType, rng: Rng): ContainerSort {
  const fitting = SORTS.filter(
    ({ depthM: [least, most] }) => most <= maxM && (blindM < SHORT_SIGHTED_M || least >= DEEP_M),
  );
  return rng.weighted((fitting.length > 0 ? fitting : SORTS).map((sort) => [sort, sort.count] as const));
}

interface Making {
  options: LoadFleetOptions;
  network: Network;
  type: SimType;
  sort: ContainerSort;
  rng: Rng;
}

function deviceOf(index: number, { options, network, type, sort, rng }: Making): CityDevice {
  const { seed, intervalMs } = options;
  const names = network.namesOf((seed % SEEDS) * NAMES_PER_SEED + index);
  const plain = network.carries === 'values';
  const emptyDistanceM = Number(Math.min(0.95 * type.maxM, rng.between(...sort.depthM)).toFixed(2));
  const fullDistanceM = Math.min(sort.fullM, 0.5 * emptyDistanceM);
  // a plain device of no type computes its fill itself
  const isMounted = type.level && (type.id !== 'plain' || options.lossy === true);
  return {
    id: `sim${seed}-${index}`,
    typeId: plain ? 'plain' : type.id,
    ...(plain && type.id !== 'plain' && { standsFor: type.id }),
    ...(Object.keys(names).length > 0 && { externalIds: names }),
    ...(type.level && { assetId: `sim${seed}-bin-${index}`, chamber: '1' }),
    ...(isMounted && { mounting: { emptyDistanceM, fullDistanceM } }),
    link: network.id,
    ...(options.lossy && { lossy: true }),
    position: moved(CENTRE, rng.between(-SPREAD_M, SPREAD_M), rng.between(-SPREAD_M, SPREAD_M)),
    intervalMs,
    historyIntervalMs: intervalMs,
  };
}

function demandOf(
  device: CityDevice,
  sort: ContainerSort,
  { areaId, rng }: { areaId: string; rng: Rng },
): ChamberDemand {
  const [{ fraction, volumesL }] = sort.chambers as [ContainerSort['chambers'][number]];
  const cycleDays = Math.min(60, Math.max(0.35, rng.logNormal(sort.cycleDays, 0.45)));
  return {
    assetId: device.assetId!,
    areaId,
    chamber: '1',
    fraction,
    volumeL: rng.pick(volumesL),
    cycleDays,
    depositL: sort.depositL,
    profile: sort.profile,
    visitEveryDays: Math.max(1, Math.round(2 * rng.between(0.6, 1.05) * cycleDays) / 2),
    visitHour: rng.pick([1, 4, 8, 10, 12, 15, 19]),
    vehicleId: sort.vehicleId,
  };
}

function assetOf(
  { assetId, position }: CityDevice,
  { kind, label, chambers, liftType, serviceS }: ContainerSort,
): AssetInput | undefined {
  if (assetId === undefined) return undefined;
  return {
    id: assetId,
    kind,
    name: `${label} ${assetId}`,
    geometry: toPoint(position),
    chambers: [{ id: '1', fraction: chambers[0]!.fraction, volumeL: chambers[0]!.volumesL[0]! }],
    liftType,
    serviceTimeS: serviceS,
  };
}

function emptyCity(seed: number): City {
  return {
    seed,
    name: 'fleet',
    areas: [],
    assets: [],
    devices: [],
    demand: [],
    depots: [],
    disposalSites: [],
    vehicles: [],
    crews: [],
    calendar: {
      id: 'none',
      timeZone: 'Europe/Amsterdam',
      planCron: '0 5 * * *',
      serviceDays: [],
      holidays: [],
    },
  };
}
