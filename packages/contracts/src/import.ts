import { z } from 'zod';
import { Id, Instant } from './basics.ts';
import type { Quantity } from './quantities.ts';

/** What became of one row; `unchanged` makes a repeated import harmless. */
export const ImportRow = z.object({
  /** 1 = the first row below the header. */
  row: z.number().int(),
  id: z.string().optional(),
  outcome: z.enum(['created', 'updated', 'unchanged', 'refused']),
  errors: z.array(z.object({ field: z.string(), message: z.string(), remedy: z.string().optional() })),
  /** Taken in, but worth a look. */
  warnings: z.array(z.string()).optional(),
  /** Shown once, for created devices. */
  secret: z.string().optional(),
});
export type ImportRow = z.infer<typeof ImportRow>;

/** An import of many documents; `dryRun` changed nothing. Undo takes back what it created and updated. */
export const Import = z.object({
  id: Id,
  kind: z.enum(['devices', 'assets', 'readings']),
  status: z.enum(['running', 'done', 'undone', 'failed']),
  dryRun: z.boolean(),
  startedAt: Instant,
  total: z.number().int(),
  handled: z.number().int(),
  created: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
  refused: z.number().int(),
  finishedAt: Instant.optional(),
  /** What holds for the file as a whole, such as columns that no field is known for. */
  warnings: z.array(z.string()).optional(),
  /** Why it failed. */
  fault: z.string().optional(),
});
export type Import = z.infer<typeof Import>;

/** What the registry keeps of a row, so that it can be taken back. */
export interface ImportRowRecord extends Omit<ImportRow, 'secret'> {
  importId: string;
  documentId: string | undefined;
  /** The document as it was; absent when the row created it. */
  before?: unknown;
  /** Digest of the document as the row left it: another one means that somebody changed it since. */
  after?: string | undefined;
  /** Readings that the row stored for the first time. */
  keys?: { deviceId: string; chamber?: string | undefined; quantity: Quantity; at: string }[];
}

/** What taking back an import did. */
export const ImportUndone = z.object({
  id: Id,
  removed: z.number().int(),
  restored: z.number().int(),
  /** Left as they are, with the reason. */
  kept: z.array(z.object({ row: z.number().int(), id: z.string(), reason: z.string() })),
});
export type ImportUndone = z.infer<typeof ImportUndone>;
