import type { Import, ImportRow } from '@ronde/contracts';
import { readCell, type Cell } from './cells.ts';
import { matchHeader, type Column } from './columns.ts';
import { fileFault, type Table } from './read-table.ts';

/** A row with its cells as fields; errors are of the cells alone. */
export interface RowDraft {
  row: number;
  value: Record<string, unknown>;
  errors: ImportRow['errors'];
}

export interface RowReader {
  total: number;
  warnings: string[];
  /** The next rows, at most so many; empty at the end. */
  next(count: number): RowDraft[];
}

/** Names that may stand once in a file of devices or assets; people see which earlier row has it. */
const ONCE = ['id', 'externalIds.devEui', 'externalIds.imei', 'externalIds.networkId'];

/**
 * Reads a table's rows as documents of one kind.
 * @throws RondeError INPUT_INVALID when the headings make no sense
 */
export function openRowReader(kind: Import['kind'], table: Table): RowReader {
  const { columns, faults, warnings } = matchHeader(kind, table.headings);
  if (faults.length > 0) throw fileFault(faults.join('; '), 'mend the first row');
  const seen = new Map<string, number>();
  let at = 0;
  return {
    total: table.rows.length,
    warnings,
    next(count) {
      const drafts = table.rows.slice(at, at + count).map((cells, index) => draftOf(columns, cells, at + index + 1));
      at += drafts.length;
      if (kind !== 'readings') for (const draft of drafts) noteRepeats(draft, seen);
      return drafts;
    },
  };
}

function draftOf(columns: readonly (Column | undefined)[], cells: readonly Cell[], row: number): RowDraft {
  const draft: RowDraft = { row, value: {}, errors: [] };
  columns.forEach((column, index) => {
    const cell = cells[index];
    if (!column || cell === undefined) return;
    const read = readCell(cell, column.kind);
    if (read.ok) put(draft.value, column.path, read.value);
    else draft.errors.push({ field: column.path, message: read.message, remedy: read.remedy });
  });
  return draft;
}

function put(target: Record<string, unknown>, path: string, value: unknown): void {
  const [name, inner] = path.split('.') as [string, string?];
  if (inner === undefined) target[name] = value;
  else target[name] = { ...(target[name] as object | undefined), [inner]: value };
}

function noteRepeats(draft: RowDraft, seen: Map<string, number>): void {
  for (const path of ONCE) {
    const value = valueAt(draft.value, path);
    if (typeof value !== 'string') continue;
    const key = `${path} ${value}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, draft.row);
    else
      draft.errors.push({
        field: path,
        message: `"${value}" stands in row ${first} already`,
        remedy: 'keep one of the two',
      });
  }
}

function valueAt(value: Record<string, unknown>, path: string): unknown {
  const [name, inner] = path.split('.') as [string, string?];
  const outer = value[name];
  return inner === undefined ? outer : (outer as Record<string, unknown> | undefined)?.[inner];
}
