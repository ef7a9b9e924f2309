import { z } from 'zod';
import { Id, Instant } from './basics.ts';
import { Source } from './integration.ts';

export const DEAD_LETTER_CODES = [
  'ENVELOPE_UNKNOWN',
  'PAYLOAD_MALFORMED',
  'DEVICE_UNKNOWN',
  'SENSOR_TYPE_UNKNOWN',
  'CODEC_FAULT',
] as const;
export const DeadLetterStage = z.enum(['envelope', 'identify', 'decode', 'normalise', 'store']);
export type DeadLetterStage = z.infer<typeof DeadLetterStage>;

/** A frame that could not become readings: kept whole, with the reason and the remedy, until it is replayed or discarded. */
export const DeadLetter = z.object({
  id: Id,
  receivedAt: Instant,
  source: Source,
  topic: z.string(),
  deviceId: Id.optional(),
  /** Under which it is collected when no device has its name. */
  unknownDeviceId: Id.optional(),
  stage: DeadLetterStage,
  code: z.enum(DEAD_LETTER_CODES),
  reason: z.string(),
  remedy: z.string(),
  rawBase64: z.string(),
  status: z.enum(['open', 'replayed', 'discarded']),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** What a replay of one dead letter did. */
export const ReplayResult = z.object({
  id: Id,
  status: z.enum(['open', 'replayed', 'discarded']),
  readings: z.number().int(),
  code: z.string().optional(),
  reason: z.string().optional(),
});
export type ReplayResult = z.infer<typeof ReplayResult>;
