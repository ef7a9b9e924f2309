import { z } from 'zod';
import { Id, Quality, QuantityName, Unit } from './basics.ts';
import { ReadingFlag } from './reading.ts';

/** A value as a sensor type's mapping gives it, before device, asset and time are attached. */
export const CanonicalValue = z.object({
  quantity: QuantityName,
  value: z.number().nullable(),
  unit: Unit,
  quality: Quality,
  flags: z.array(ReadingFlag),
  chamber: Id.optional(),
  /** When it was measured, where the message says so value by value; ms since 1970. */
  atMs: z.number().int().optional(),
});
export type CanonicalValue = z.infer<typeof CanonicalValue>;

/** What the API tells of a sensor type; the manifest file has more (mapping, health rules). */
export const SensorTypeSummary = z.object({
  id: Id,
  version: z.string(),
  vendor: z.string(),
  model: z.string(),
  description: z.string(),
  fPorts: z.array(z.number().int()),
  expectedIntervalS: z.number().nullable(),
  quantities: z.array(QuantityName),
  source: z.string(),
  licence: z.string(),
});
export type SensorTypeSummary = z.infer<typeof SensorTypeSummary>;
