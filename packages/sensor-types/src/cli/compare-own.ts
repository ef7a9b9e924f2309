import type { CanonicalValue, Quantity, UcumCode } from '@ronde/contracts';
import { quantityOf } from '@ronde/contracts';
import type { Manifest, Measurement } from '../manifest.ts';
import { isRecord } from '../known-keys.ts';
import { pick } from '../pick.ts';
import type { LoadedType } from '../read-type.ts';
import type { TypeDecodeResult } from '../type-decoder.ts';
import type { ExampleLine } from './example-line.ts';
import { expectedLevels, valueOf } from './expected-level.ts';
import type { ExpectedLevel } from './expected-level.ts';
import { RIGHT, near, wrong } from './outcome.ts';
import type { Outcome } from './outcome.ts';

const LEVELS: Quantity[] = ['distance', 'fill', 'waterLevel'];
/** Full registers and the like: what passes them on as a value has missed a code for "none". */
const CODES = [65535, 65534, 65533, 32767, 4_294_967_295, 9999, -1];

/**
 * Judges a line without `canonical` by the values that its own decoder gave: found by name, so that a mapping from the
 * wrong field or in the wrong unit shows. What the example cannot tell counts as unmapped, never as right.
 */
export function compareOwn(line: ExampleLine, result: TypeDecodeResult, { manifest }: LoadedType): Outcome {
  const { data, errors } = line.expected;
  if (errors?.length) return result.ok ? wrong('decoded what the example refuses') : RIGHT;
  if (!result.ok) return wrong(result.errors.join('; '));
  const ours = result.values.filter(({ quantity }) => LEVELS.includes(quantity));
  const device = [line.id, line.script, ...(line.devices ?? []), manifest.id].join(' ');
  const levels = expectedLevels(data, device);
  const context: Context = { levels, data: isRecord(data) ? data : {}, manifest };
  const faults = [...ours.flatMap((one) => faultOf(one, context) ?? []), ...missingOf(ours, context)];
  if (faults.length > 0) return wrong(faults.join('; '));
  return verdict(ours, context);
}

interface Context {
  levels: ExpectedLevel[];
  data: Record<string, unknown>;
  manifest: Manifest;
}

function verdict(ours: CanonicalValue[], { levels, manifest }: Context): Outcome {
  const refused = ours.find(({ quality }) => quality === 'invalid');
  if (refused) return { kind: 'invalid', why: `${refused.quantity}: ${refused.flags.join(', ')}` };
  const measured = LEVELS.filter((quantity) => measures(manifest, quantity));
  if (measured.length === 0)
    return { kind: 'unmapped', why: 'the type maps no distance or fill; give canonical values' };
  const unclear = levels.find(({ vague, raw }) => vague && typeof raw === 'number');
  if (ours.length === 0 && unclear)
    return { kind: 'unmapped', why: `"${unclear.name}" may be a level; give canonical values` };
  return RIGHT;
}

/** What is wrong with one of our values; an invalid one is right to be there when the example has such a level. */
function faultOf(value: CanonicalValue, context: Context): string | undefined {
  const { quantity } = value;
  const related = context.levels.filter(({ quantities, vague }) => vague || quantities.includes(quantity));
  if (related.length === 0) return value.quality === 'invalid' ? undefined : `${quantity} out of nothing`;
  if (value.quality === 'invalid' || value.value === null) return undefined;
  const same = related.find((level) => near(numberOf(level, quantity, context) ?? null, value.value));
  if (!same) return `${quantity}: ${told(related, quantity, context)}, got ${value.value}`;
  if (isCode(same.raw)) return `${quantity}: ${String(same.raw)} is a code for no value, and passes as one`;
  return undefined;
}

function told(levels: ExpectedLevel[], quantity: Quantity, context: Context): string {
  const texts = levels.map((level) => `${level.name} tells ${numberOf(level, quantity, context) ?? 'none'}`);
  return texts.join(' and ');
}

function isCode(raw: unknown): boolean {
  const number = typeof raw === 'string' ? Number.parseFloat(raw) : raw;
  return typeof number === 'number' && CODES.includes(number);
}

/** Levels that the type measures and that nothing came of. */
function missingOf(ours: CanonicalValue[], { levels, manifest }: Context): string[] {
  return levels
    .filter(({ vague, quantities }) => !vague && quantities.some((quantity) => measures(manifest, quantity)))
    .filter(({ quantities }) => !ours.some(({ quantity }) => quantities.includes(quantity)))
    .map(({ name, quantities }) => `no ${quantities.join(' or ')} of "${name}"`);
}

function linesOf(manifest: Manifest, quantity: Quantity): Measurement[] {
  if (manifest.measurements === 'catalogue') return [];
  return Object.values(manifest.measurements).filter((line) => line.quantity === quantity && line.from.length > 0);
}

function measures(manifest: Manifest, quantity: Quantity): boolean {
  return manifest.measurements === 'catalogue' || linesOf(manifest, quantity).length > 0;
}

/** Where name and text tell no unit, the manifest's line for that very field does; without one the catalogue. */
function numberOf(level: ExpectedLevel, quantity: Quantity, { data, manifest }: Context): number | undefined {
  const line = linesOf(manifest, quantity).find(({ from }) => from.some((path) => pick(data, path) === level.raw));
  const unit: UcumCode = line?.unit ?? quantityOf(quantity).unit;
  const factor = line?.unitFactor ?? 1;
  return valueOf(level, quantity, {
    unit,
    scale: (line?.scale ?? 1) * factor,
    offset: (line?.offset ?? 0) * factor,
  });
}
