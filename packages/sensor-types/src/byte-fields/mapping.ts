import { isQuantity } from '@ronde/contracts';
import type { Quantity } from '@ronde/contracts';
import { isLevel } from '../doubts.ts';
import { isRecord, toCamel } from '../known-keys.ts';

/** A field whose name is a quantity, or that names one, is a line of the mapping; a line that is written out wins. */
export function linesOfFields(fields: unknown): Record<string, unknown> {
  const lines: Record<string, unknown> = {};
  for (const field of recordsIn(fields)) {
    const { name, quantity, unit, chamber, range } = field;
    if (typeof name !== 'string' || field['skip'] === true) continue;
    const named = typeof quantity === 'string' ? quantity : toCamel(name);
    if (!isQuantity(named)) continue;
    const key = typeof chamber === 'string' ? `${named}/${chamber}` : named;
    lines[key] ??= {
      from: name,
      ...(unit !== undefined && { unit }),
      ...(range !== undefined && { range }),
      ...unsaid(field, named),
    };
  }
  return lines;
}

const ALL_ONES: Record<string, number> = { u16: 0xffff, u24: 0xffffff, u32: 0xffffffff, i16: 0x7fff, i32: 0x7fffffff };

/**
 * What a row of few words leaves unsaid, as it stands after the field's own scaling: a level register with all bits
 * set is no level, and 0 under a negative `add` is rather a dead loop than a level below nothing.
 */
function unsaid(
  { name, type, scale = 1, add = 0, sentinel, range, bits }: Record<string, unknown>,
  quantity: Quantity,
) {
  if (!isLevel(quantity) || sentinel !== undefined || range !== undefined || bits !== undefined) return {};
  const full = typeof type === 'string' ? ALL_ONES[type] : undefined;
  if (full === undefined || typeof scale !== 'number' || typeof add !== 'number') return {};
  const dead = { when: name, equals: add, flag: 'MAPPING_DOUBTFUL' };
  return { invalid: [full * scale + add], ...(add < 0 && scale !== 1 && { quality: dead }) };
}

/** The fields of every frame and item, however the manifest nests them. */
function recordsIn(given: unknown): Record<string, unknown>[] {
  if (Array.isArray(given)) return (given as unknown[]).flatMap(recordsIn);
  if (!isRecord(given)) return [];
  const inside = ['frames', 'fields', 'tlv', 'items'].flatMap((key) => recordsIn(given[key]));
  return 'name' in given ? [given, ...inside] : inside;
}
