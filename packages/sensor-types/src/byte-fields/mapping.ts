import { isQuantity } from '@ronde/contracts';
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
    };
  }
  return lines;
}

/** The fields of every frame and item, however the manifest nests them. */
function recordsIn(given: unknown): Record<string, unknown>[] {
  if (Array.isArray(given)) return (given as unknown[]).flatMap(recordsIn);
  if (!isRecord(given)) return [];
  const inside = ['frames', 'fields', 'tlv', 'items'].flatMap((key) => recordsIn(given[key]));
  return 'name' in given ? [given, ...inside] : inside;
}
