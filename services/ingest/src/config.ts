import { z } from 'zod';
import { BRIDGE_SHAPE } from './bridge/config.ts';

/** Environment of the ingest service. */
export const IngestConfig = z.object({
  ...BRIDGE_SHAPE,
  TENANT: z.string().default('default').describe('tenant of this installation'),
  INBOX_RETENTION_DAYS: z.coerce
    .number()
    .min(1)
    .max(3650)
    .default(90)
    .describe('How long raw frames are kept for replay [days].'),
  INBOX_MAX_GB: z.coerce
    .number()
    .min(0.1)
    .max(10_000)
    .default(20)
    .describe('How much raw frames may take on disk [GB].'),
  INGEST_BATCH_FRAMES: z.coerce
    .number()
    .int()
    .min(1)
    .max(5000)
    .default(500)
    .describe('Most frames handled in one transaction.'),
  INGEST_MAX_WAITING: z.coerce
    .number()
    .int()
    .min(1)
    .default(5000)
    .describe('Webhooks answer 429 while more frames than this wait for the disk.'),
  REPLAY_FRAMES_PER_S: z.coerce
    .number()
    .min(1)
    .max(1_000_000)
    .default(2000)
    .describe('Most raw frames per second that a replay reads again, beside live traffic [1/s].'),
});
export type IngestConfig = z.infer<typeof IngestConfig>;
