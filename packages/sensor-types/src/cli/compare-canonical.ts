import { convertUnit, isQuantity, quantityOf, unitFromText } from '@ronde/contracts';
import type { CanonicalValue } from '@ronde/contracts';
import type { TypeDecodeResult } from '../type-decoder.ts';
import type { ExampleLine } from './example-line.ts';
import { RIGHT, near, wrong } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/** What says how full something is. */
const LEVELS = /^(fill|distance|waterLevel)$/;

type Wanted = NonNullable<ExampleLine['canonical']>[number];

/**
 * Compares a decode with the canonical values that a line gives. Where the line wants a valid value and ours is
 * invalid the line is `invalid`: told openly, not silently wrong. An empty list says that no level may come out.
 */
export function compareCanonical(wanted: readonly Wanted[], result: TypeDecodeResult): Outcome {
  if (!result.ok) return wanted.length === 0 ? RIGHT : wrong(result.errors.join('; '));
  if (wanted.length === 0) return compareNone(result.values);
  const left = [...result.values];
  const outcomes = wanted.map((want) => compareOne(want, take(want, left)));
  return outcomes.find(({ kind }) => kind === 'wrong') ?? outcomes.find(({ kind }) => kind === 'invalid') ?? RIGHT;
}

function compareNone(values: readonly CanonicalValue[]): Outcome {
  const level = values.find(({ quantity, quality }) => LEVELS.test(quantity) && quality !== 'invalid');
  return level ? wrong(`${level.quantity} out of nothing: ${level.value}`) : RIGHT;
}

/** Takes our value of a quantity: of the chamber that the line names, else one that agrees, else the first. */
function take(want: Wanted, left: CanonicalValue[]): CanonicalValue | undefined {
  const same = left.filter(
    ({ quantity, chamber }) => quantity === want.quantity && (want.chamber === undefined || chamber === want.chamber),
  );
  const value = inCatalogueUnit(want);
  const taken = same.find((one) => value !== undefined && near(value, one.value)) ?? same[0];
  if (taken) left.splice(left.indexOf(taken), 1);
  return taken;
}

function compareOne(want: Wanted, ours: CanonicalValue | undefined): Outcome {
  const { quantity, quality } = want;
  if (!isQuantity(quantity)) return wrong(`"${quantity}" is no quantity of the catalogue`);
  const value = inCatalogueUnit(want);
  if (value === undefined) return wrong(`${quantity}: "${want.unit}" is no unit of it`);
  if (!ours) return wrong(`${quantity}: missing`);
  const wantsNone = quality === 'invalid' || (quality === undefined && value === null);
  if (wantsNone) return ours.quality === 'invalid' ? RIGHT : wrong(`${quantity}: expected invalid, got ${ours.value}`);
  if (ours.quality === 'invalid') return { kind: 'invalid', why: `${quantity}: ${ours.flags.join(', ')}` };
  if (!near(value, ours.value)) return wrong(`${quantity}: expected ${value}, got ${ours.value}`);
  if (quality === undefined || quality === ours.quality) return RIGHT;
  return wrong(`${quantity}: expected quality ${quality}, got ${ours.quality}`);
}

function inCatalogueUnit({ quantity, value, unit }: Wanted): number | null | undefined {
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (number === null || unit === undefined || !isQuantity(quantity)) return number;
  const own = quantityOf(quantity).unit;
  const read = unitFromText(unit, own);
  return read && convertUnit(number * read.factor, read.code, own);
}
