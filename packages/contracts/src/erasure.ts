import { z } from 'zod';
import { Id, Instant } from './basics.ts';

/** Body of POST /v1/erasures: everything that one device, or the devices of one asset, ever measured. */
export const ErasureInput = z
  .object({
    deviceId: Id.optional(),
    assetId: Id.optional(),
    /** What was received before this moment; absent = now. */
    before: Instant.optional(),
    dryRun: z.boolean().default(false),
  })
  .refine(({ deviceId, assetId }) => (deviceId === undefined) !== (assetId === undefined), {
    message: 'name one device or one asset',
    path: ['deviceId'],
  });
export type ErasureInput = z.infer<typeof ErasureInput>;

/** What an erasure took away, or would take away. */
export const ErasureResult = z.object({
  dryRun: z.boolean(),
  before: Instant,
  readings: z.number().int(),
  /** Raw messages; one that also held other devices' values goes whole. */
  frames: z.number().int(),
  deadLetters: z.number().int(),
  unknownDevices: z.number().int(),
  /** Segments at the second place that were written anew. */
  segments: z.number().int(),
  /** Ingest workers whose raw messages it has been through. */
  reached: z.array(z.string()),
  /** Ingest workers that have yet to: they do it once they run, and hold these messages until then. */
  waiting: z.array(z.string()),
});
export type ErasureResult = z.infer<typeof ErasureResult>;

/** What is kept of an erasure, without a name: restored backups are held against it. */
export const ErasureRecord = z.object({
  kind: z.enum(['device', 'asset']),
  /** SHA-256 of tenant, kind and id, hexadecimal. */
  hash: z.string(),
  before: Instant,
});
export type ErasureRecord = z.infer<typeof ErasureRecord>;

/** What processes that share a registry tell each other of erasures: the record alone, or that a worker has been through it. */
export interface ErasureNote {
  /** The record's name, and behind a colon the worker's. */
  id: string;
  record: ErasureRecord;
  /** Raw messages, by number and time of receipt, that only whoever began the erasure of an asset could name. */
  frames?: [seq: number, receivedAtMs: number][];
  worker?: string;
}
