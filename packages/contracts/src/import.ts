import { z } from 'zod';
import { Id, Instant } from './basics.ts';

/** What became of one row; `unchanged` makes a repeated import harmless. */
export const ImportRow = z.object({
  /** 1 = the first row below the header. */
  row: z.number().int(),
  id: z.string().optional(),
  outcome: z.enum(['created', 'updated', 'unchanged', 'refused']),
  errors: z.array(z.object({ field: z.string(), message: z.string(), remedy: z.string().optional() })),
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
});
export type Import = z.infer<typeof Import>;
