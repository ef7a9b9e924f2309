import type { Quantity } from '@ronde/contracts';
import type { EncodeValues } from '@ronde/sensor-types';
import type { Probe, Sample } from '../faults/model.ts';
import type { Value } from '../networks/model.ts';
import type { SimType } from '../type-book.ts';
import type { Scene } from './scene.ts';
import { surrounding } from './surroundings.ts';

/** Degrees from which a device calls itself tilted (Milesight EM400 user guide). */
const TILTED_FROM_DEG = 20;
const FULL_ALARM = 0.9;
const BATTERY_LOW = 0.2;
/** What a full bin of middling size holds. */
const FULL_KG = 40;
const FULL_M3 = 0.3;
/** A lithium cell: flat, then down (measured 3,570 to 3,630 mV all year). */
const CELL_EMPTY_V = 3;
const CELL_SPAN_V = 0.63;

/** What there is to say of one measurement. */
export interface Measured {
  sample: Sample;
  probe: Probe;
  battery: number;
  /** Made only when a quantity asks for it. */
  scene(): Scene;
}

/** Quantities that the encoders' own fields carry. */
const BASIC: ReadonlySet<Quantity> = new Set([
  'distance',
  'temperature',
  'battery',
  'tilt',
  'lidOpen',
  'humidity',
  'pressure',
]);

type Reader = (measured: Measured) => number | null;

/** What any device says of itself. */
const OF_THE_DEVICE: Partial<Record<Quantity, Reader>> = {
  temperature: ({ sample }) => round(sample.temperatureC, 1),
  battery: ({ battery }) => round(battery, 2),
  batteryVoltage: ({ battery }) => round(CELL_EMPTY_V + CELL_SPAN_V * battery, 3),
  batteryLow: ({ battery }) => (battery < BATTERY_LOW ? 1 : 0),
  tilt: ({ sample }) => (sample.tiltDeg >= TILTED_FROM_DEG ? 1 : 0),
  tiltAngle: ({ sample }) => round(sample.tiltDeg, 1),
  lidOpen: ({ sample }) => (sample.lidOpen ? 1 : 0),
  fireAlarm: ({ sample }) => (sample.fire ? 1 : 0),
};

/** What a device in a bin says of the level. */
const OF_THE_LEVEL: Partial<Record<Quantity, Reader>> = {
  distance: ({ sample }) => scaled(sample.distanceM, 1),
  distanceMin: ({ sample }) => scaled(sample.distanceM, 0.97),
  distanceMax: ({ sample }) => scaled(sample.distanceM, 1.04),
  fill: (measured) => scaled(fillOf(measured), 1),
  fullAlarm: (measured) => ((fillOf(measured) ?? 0) >= FULL_ALARM ? 1 : 0),
  mass: (measured) => scaled(fillOf(measured), FULL_KG),
  volume: (measured) => scaled(fillOf(measured), FULL_M3),
};

/** Gives a quantity as the device says it; null = it measured nothing. */
function valueOf(quantity: Quantity, measured: Measured): number | null {
  const read = OF_THE_DEVICE[quantity] ?? (measured.probe.level ? OF_THE_LEVEL[quantity] : undefined);
  return read ? read(measured) : round(surrounding(quantity, measured.scene()), 6);
}

/** The level as a device computes it from its distance. */
function fillOf({ sample: { distanceM }, probe: { emptyM, fullM } }: Measured): number | null {
  if (distanceM === null) return null;
  return Math.min(1, Math.max(0, (emptyM - distanceM) / (emptyM - fullM)));
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : round(value * factor, 3);
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

/** Gives what a type's encoder takes. */
export function encodeValuesOf(type: SimType, measured: Measured): EncodeValues {
  const { sample, battery } = measured;
  const values: EncodeValues = {
    temperatureC: round(sample.temperatureC, 1),
    battery: round(battery, 2),
    tilted: sample.tiltDeg >= TILTED_FROM_DEG,
    samples: sample.samples,
    lidOpen: sample.lidOpen,
  };
  if (type.level) values.distanceM = sample.distanceM === null ? null : round(sample.distanceM, 3);
  for (const quantity of type.quantities) {
    if (quantity === 'humidity') values.humidity = surrounding(quantity, measured.scene());
    else if (quantity === 'pressure') values.pressurePa = surrounding(quantity, measured.scene());
    else if (!BASIC.has(quantity) && quantity !== 'batteryVoltage') {
      const value = valueOf(quantity, measured);
      if (value !== null) (values.values ??= {})[quantity] = value;
    }
  }
  return values;
}

/** Gives what a device says by the catalogue's names. */
export function namedValuesOf(quantities: readonly Quantity[], measured: Measured): Value[] {
  return quantities.map((quantity) => [quantity, valueOf(quantity, measured)] as const);
}
