import { z } from 'zod';
import { Id, Instant } from './basics.ts';

/** The files of a sensor type as text, as they would stand in its folder. */
export const SensorTypeFiles = z.object({
  sensorYaml: z.string().max(65_536),
  codecJs: z.string().max(1_048_576).optional(),
  examplesYaml: z.string().max(262_144).optional(),
  downlinksYaml: z.string().max(65_536).optional(),
});
export type SensorTypeFiles = z.infer<typeof SensorTypeFiles>;

export const TypeVersionStatus = z.enum(['draft', 'canary', 'active', 'rolled-back', 'superseded']);
export type TypeVersionStatus = z.infer<typeof TypeVersionStatus>;

/** How the uplinks decoded by a version fared. */
export const DecodeTally = z.object({ uplinks: z.number().int(), errors: z.number().int() });

/** A version of a sensor type published here; built-in versions have none. The id is `{typeId}-{version with dashes}`. */
export const SensorTypeVersion = z.object({
  id: Id,
  typeId: Id,
  version: z.string(),
  status: TypeVersionStatus,
  /** Share of devices that use it while it is a canary, percent. */
  canaryPercent: z.number().min(0).max(100),
  createdAt: Instant,
  createdBy: z.string(),
  updatedAt: Instant,
  files: SensorTypeFiles,
  /** While a canary: its own errors beside those of the version it would replace. */
  tally: z.object({ canary: DecodeTally, active: DecodeTally }),
  note: z.string().max(500).optional(),
});
export type SensorTypeVersion = z.infer<typeof SensorTypeVersion>;

/** What a draft would change on the newest real frames of its type. */
export const VersionComparison = z.object({
  frames: z.number().int(),
  same: z.number().int(),
  changed: z.number().int(),
  newlyFailing: z.number().int(),
  newlyReadable: z.number().int(),
  examples: z
    .array(
      z.object({
        uplinkId: z.string(),
        deviceId: Id,
        at: Instant,
        fPort: z.number().int().nullable(),
        hex: z.string(),
        before: z.string(),
        after: z.string(),
      }),
    )
    .max(50),
});
export type VersionComparison = z.infer<typeof VersionComparison>;
