import { z } from 'zod';
import { Id, Instant } from './basics.ts';
import { Mounting } from './device.ts';
import { CanonicalValue, SensorTypeSummary } from './sensor-type.ts';

/** The files of a sensor type as text, as they would stand in its folder. */
export const SensorTypeFiles = z.object({
  sensorYaml: z.string().max(65_536),
  codecJs: z.string().max(1_048_576).optional(),
  examplesYaml: z.string().max(262_144).optional(),
  downlinksYaml: z.string().max(65_536).optional(),
});
export type SensorTypeFiles = z.infer<typeof SensorTypeFiles>;

/** Three numbers, as in `sensor.yaml`. */
export const TypeVersion = z.string().regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/, 'a version has three numbers: 1.0.0');

export const TypeVersionStatus = z.enum(['draft', 'canary', 'active', 'rolled-back', 'superseded']);
export type TypeVersionStatus = z.infer<typeof TypeVersionStatus>;

/** How the uplinks decoded by a version fared. */
export const DecodeTally = z.object({ uplinks: z.number().int(), errors: z.number().int() });

/**
 * While a version is a canary: its own errors, and those that the version it would replace makes on the very same
 * uplinks. `newlyFailing` and `newlyReadable` count the uplinks on which exactly one of the two fails.
 */
export const CanaryTally = z.object({
  canary: DecodeTally,
  active: DecodeTally,
  newlyFailing: z.number().int().default(0),
  newlyReadable: z.number().int().default(0),
});
export type CanaryTally = z.infer<typeof CanaryTally>;

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

/** A comparison under way or done; the newest one of a version is kept with it. */
export const VersionComparisonJob = z.object({
  status: z.enum(['running', 'done', 'failed']),
  startedAt: Instant,
  /** The version that the draft was compared with. */
  against: z.string().nullable(),
  wanted: z.number().int(),
  /** Frames of this type found so far, and how many frames of all types were looked through for them. */
  found: z.number().int(),
  scanned: z.number().int(),
  /** Why fewer than wanted: the inbox holds no more, or the search ended at its limit. */
  shortBecause: z.enum(['inbox-end', 'search-limit']).nullable(),
  result: VersionComparison.nullable(),
  fault: z.string().optional(),
});
export type VersionComparisonJob = z.infer<typeof VersionComparisonJob>;

/** Why a version was taken back: by somebody, or by Ronde since the canary did worse on the same uplinks (see its tally). */
export const RolledBack = z.object({
  at: Instant,
  by: z.string(),
  cause: z.enum(['by-hand', 'worse']),
  /** What whoever took it back wrote. */
  reason: z.string().optional(),
});
export type RolledBack = z.infer<typeof RolledBack>;

/** A version of a sensor type published here; built-in versions have none. The id is `{typeId}-{version with dashes}`. */
export const SensorTypeVersion = z.object({
  id: Id,
  typeId: Id,
  version: z.string(),
  status: TypeVersionStatus,
  /** Share of devices that use it while it is a canary, percent. */
  canaryPercent: z.number().min(0).max(100),
  /** When it last became a canary. */
  canarySince: Instant.optional(),
  createdAt: Instant,
  createdBy: z.string(),
  updatedAt: Instant,
  files: SensorTypeFiles,
  tally: CanaryTally,
  comparison: VersionComparisonJob.optional(),
  /** Rolled back, and what it could not read is not yet read again: taken up after a restart. */
  recovering: z.boolean().optional(),
  rolledBack: RolledBack.optional(),
  note: z.string().max(500).optional(),
});
export type SensorTypeVersion = z.infer<typeof SensorTypeVersion>;

/** A version as it is shown: without its files; `folder` versions are built in or lie in SENSOR_TYPES_DIR. */
export const TypeVersionSummary = SensorTypeVersion.omit({ id: true, files: true }).extend({
  origin: z.enum(['folder', 'published']),
  createdAt: Instant.nullable(),
  updatedAt: Instant.nullable(),
  createdBy: z.string().nullable(),
});
export type TypeVersionSummary = z.infer<typeof TypeVersionSummary>;

/** One named downlink setting of a type. */
export const TypeSetting = z.object({
  name: z.string(),
  description: z.string(),
  fPort: z.number().int(),
  parameters: z.record(
    z.string(),
    z.object({ unit: z.string().optional(), min: z.number(), max: z.number(), description: z.string() }),
  ),
});
export type TypeSetting = z.infer<typeof TypeSetting>;

/** A sensor type with its settings and versions, the newest version first. */
export const SensorTypeDetail = SensorTypeSummary.extend({
  settings: z.array(TypeSetting),
  versions: z.array(TypeVersionSummary),
  devices: z.number().int(),
});
export type SensorTypeDetail = z.infer<typeof SensorTypeDetail>;

/** Body of POST /v1/sensor-types/{id}/versions. */
export const TypeVersionInput = z.object({
  version: TypeVersion,
  files: SensorTypeFiles,
  note: z.string().max(500).optional(),
});
export type TypeVersionInput = z.infer<typeof TypeVersionInput>;

/** Body of POST /v1/sensor-types/{id}/versions/{version}/publish. */
export const PublishInput = z.object({ canaryPercent: z.number().min(1).max(100) });
export type PublishInput = z.infer<typeof PublishInput>;

const MAX_TRY_FRAMES = 100;
/** Body of POST /v1/sensor-types/try: files of a type and frames to read with them; nothing is stored. */
export const TryInput = z.object({
  files: SensorTypeFiles,
  frames: z
    .array(
      z.object({
        fPort: z.number().int().min(0).max(255).default(1),
        hex: z
          .string()
          .max(1024)
          .regex(/^([0-9a-fA-F]{2})*$/, 'an even number of hexadecimal digits'),
        recvTime: Instant.optional(),
      }),
    )
    .max(MAX_TRY_FRAMES),
  /** Mounting of an imagined device: fill is then derived from distance as it would be for a real one. */
  mounting: Mounting.optional(),
});
export type TryInput = z.infer<typeof TryInput>;

/** What became of one tried frame: decoded by the codec, normalised by the mapping, and what a device would have stored. */
export const TriedFrame = z.object({
  ok: z.boolean(),
  data: z.record(z.string(), z.unknown()).nullable(),
  errors: z.array(z.string()),
  warnings: z.array(z.string()),
  normalised: z.array(CanonicalValue),
  written: z.array(CanonicalValue),
});
export const TryResult = z.object({
  /** What is wrong with the files; frames are tried only when there is nothing. */
  faults: z.array(z.object({ field: z.string(), message: z.string() })),
  /** Examples of `examplesYaml` that do not come out as written there. */
  examples: z.array(z.object({ description: z.string(), ok: z.boolean(), why: z.string().optional() })),
  frames: z.array(TriedFrame),
});
export type TryResult = z.infer<typeof TryResult>;
