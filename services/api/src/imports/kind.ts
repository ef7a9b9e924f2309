import type { ImportRow, ImportRowRecord } from '@ronde/contracts';
import type { RowDraft } from './read-rows.ts';

/** What a row is to do, and did. */
export interface Planned {
  row: number;
  id: string | undefined;
  outcome: ImportRow['outcome'];
  errors: ImportRow['errors'];
  warnings: string[];
  /** The document to put, and as it was. */
  document?: { id: string };
  before?: { id: string } | undefined;
  secret?: string;
  /** What of this row's readings is new. */
  keys?: ImportRowRecord['keys'];
}

/** What an import of one kind of things does with its rows. Every call handles one batch. */
export interface ImportKind {
  /** Judges rows against what is there; changes nothing. */
  plan(drafts: readonly RowDraft[]): Promise<Planned[]>;
  /** Does what was planned; a row that cannot be done after all becomes refused. */
  store(planned: readonly Planned[]): Promise<void>;
  /** Takes rows back, as far as nobody changed since what they made. */
  undo(rows: readonly ImportRowRecord[]): Promise<UndoneBatch>;
}

export interface UndoneBatch {
  removed: number;
  restored: number;
  kept: { row: number; id: string; reason: string }[];
}

/** Gives a row that is refused. */
export function refusedRow({ row, errors }: RowDraft, id: string | undefined, more: ImportRow['errors'] = []): Planned {
  return { row, id, outcome: 'refused', errors: [...errors, ...more], warnings: [] };
}
