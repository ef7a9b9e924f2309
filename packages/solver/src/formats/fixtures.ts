import type { Instance } from './instance.ts';
import { parseInstance } from './parse-instance.ts';
import type { ReadOptions } from './parse-instance.ts';

/** A small CVRPLIB file; the distances are those of a 3-4-5 triangle. */
export const CVRP = `NAME : tiny-k2
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 0 3
3 4 0
4 4 3
DEMAND_SECTION
1 0
2 5
3 5
4 5
DEPOT_SECTION
 1
 -1
EOF`;

/** Adds lines before the end of a VRPLIB file. */
export function withSections(text: string, ...lines: readonly string[]): string {
  return text.replace('EOF', [...lines, 'EOF'].join('\n'));
}

/** Reads a file that must be in order. */
export function parsed(text: string, options: ReadOptions = {}): Instance {
  const result = parseInstance(text, options);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.instance;
}

/** The faults of a file, as "field: message". */
export function faultsOf(text: string, options: ReadOptions = {}): string[] {
  const result = parseInstance(text, options);
  return result.ok ? [] : result.faults.map(({ field, message }) => `${field}: ${message}`);
}
