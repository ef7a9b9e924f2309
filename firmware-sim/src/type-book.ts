import { QUANTITY_NAMES, convertUnit, type Quantity } from '@ronde/contracts';
import type { Encode, Encoders, Manifest } from '@ronde/sensor-types';

/** What the simulator needs to know of a sensor type. */
export interface SimType {
  id: string;
  /** Writes its bytes; undefined for types that send values. */
  encode: Encode | undefined;
  quantities: readonly Quantity[];
  /** Where it is read when the network tells no port. */
  firstPort: number | undefined;
  blindM: number;
  maxM: number;
  /** Distances that stand for "no value"; null is the encoder's own code. */
  codesM: readonly (number | null)[];
  /** True: it looks into a bin. */
  level: boolean;
  /** Width of the counter in its own payload, bits. */
  counterBits: 8 | 12 | 16 | 32 | undefined;
}

/** Sensor types ready for use: encoders loaded, so that encoding needs no waiting. */
export interface TypeBook {
  /** @throws Error for a type that was not asked for when the book was opened */
  of(id: string): SimType;
  ids(): string[];
}

/** A device without bytes sends these, unless it stands for another type. */
const PLAIN_QUANTITIES: readonly Quantity[] = ['fill', 'temperature', 'battery'];

/**
 * Loads the encoders of types, of all of them when none are named.
 * @throws RondeError SENSOR_TYPE_UNKNOWN
 */
export async function openTypeBook(
  encoders: Pick<Encoders, 'encoderOf' | 'manifests'>,
  ids?: Iterable<string>,
): Promise<TypeBook> {
  const manifests = new Map(encoders.manifests().map((manifest) => [manifest.id, manifest]));
  const types = new Map<string, SimType>();
  for (const id of new Set(ids ?? manifests.keys())) {
    const encode = await encoders.encoderOf(id);
    types.set(id, typeOf(manifests.get(id)!, encode));
  }
  return {
    ids: () => [...types.keys()],
    of(id) {
      const type = types.get(id);
      if (!type) throw new Error(`sensor type ${id} was not opened for the simulation`);
      return type;
    },
  };
}

function typeOf(manifest: Manifest, encode: Encode | undefined): SimType {
  const quantities = quantitiesOf(manifest);
  const { blindZoneM = 0.01, maxDistanceM = 20 } = manifest.geometry;
  return {
    id: manifest.id,
    encode,
    quantities,
    firstPort: manifest.fPorts[0],
    blindM: blindZoneM,
    maxM: maxDistanceM,
    codesM: codesOf(manifest),
    level: quantities.includes('distance') || quantities.includes('fill'),
    counterBits: manifest.counterBits,
  };
}

function quantitiesOf({ measurements }: Manifest): readonly Quantity[] {
  if (measurements === 'catalogue') return PLAIN_QUANTITIES;
  const named = Object.entries(measurements).map(([key, line]) => line.quantity ?? key);
  return QUANTITY_NAMES.filter((name) => named.includes(name));
}

/** What a plain device with a distance of one byte says when it saw nothing, as the measured fleet did: 254 cm. */
const PLAIN_CODE_M = 2.54;
const SPAN = /^(\d+)\.\.(\d+)$/;
const FROM = /^>=(\d+)$/;

/** Reads the codes of a type out of its manifest: numbers, both ends of spans, and what a comparison begins at. */
function codesOf({ measurements }: Manifest): (number | null)[] {
  if (measurements === 'catalogue') return [PLAIN_CODE_M];
  const line = Object.entries(measurements).find(([key, { quantity = key }]) => quantity === 'distance')?.[1];
  const numbers = (line?.invalid ?? []).flatMap(({ code }) => code.flatMap(numbersOf));
  const metres = numbers.flatMap((number) => convertUnit(number, line?.unit ?? 'm', 'm') ?? []);
  return [null, ...metres];
}

function numbersOf(code: string | number | boolean | null): number[] {
  const text = String(code).replaceAll(' ', '');
  const [, low, high] = SPAN.exec(text) ?? [];
  if (low !== undefined) return [Number(low), Number(high)];
  const from = FROM.exec(text)?.[1] ?? text;
  return /^\d+$/.test(from) ? [Number(from)] : [];
}
