import { z } from 'zod';
import { AssetKind } from './asset.ts';
import { Id, Instant, PageQuery, Quality, QuantityName } from './basics.ts';
import { HealthIssueKind } from './device-health.ts';
import { IncidentKind } from './incident.ts';
import { ReadingFlag } from './reading.ts';
import { TypeVersion } from './sensor-type-version.ts';

/** What identifies a reading within a tenant. */
export const ReadingKey = z.object({
  deviceId: Id,
  chamber: Id.optional(),
  quantity: QuantityName,
  at: Instant,
});
export type ReadingKey = z.infer<typeof ReadingKey>;

/** Which stored frames to decode again, by device, type or time of receipt. */
export const ReplayInput = z
  .object({
    deviceId: Id.optional(),
    typeId: Id.optional(),
    from: Instant.optional(),
    to: Instant.optional(),
    /** Version of the type to read with; absent = the active one. */
    version: TypeVersion.optional(),
    /** Show what would change, and change nothing. */
    dryRun: z.boolean().default(false),
  })
  .refine(({ deviceId, typeId, from }) => deviceId ?? typeId ?? from, {
    message: 'give deviceId, typeId or from',
    path: ['deviceId'],
  })
  .refine(({ version, typeId, deviceId }) => version === undefined || typeId !== undefined || deviceId !== undefined, {
    message: 'a version belongs to a type: give typeId or deviceId with it',
    path: ['version'],
  });
export type ReplayInput = z.infer<typeof ReplayInput>;

const Side = z.object({
  value: z.number().nullable(),
  quality: Quality,
  /** Absent in replays of before flags were kept; so is `assetId`. */
  flags: z.array(ReadingFlag).optional(),
});
/** One reading that decodes otherwise now than it is stored: `was` null = it is new, `now` null = it is no longer given. */
export const ReadingDifference = ReadingKey.extend({
  assetId: Id.nullable().optional(),
  was: Side.nullable(),
  now: Side.nullable(),
});
export type ReadingDifference = z.infer<typeof ReadingDifference>;

/** Query of GET /v1/replays/{id}/differences. */
export const DifferenceQuery = PageQuery.extend({
  cursor: z
    .string()
    .regex(/^\d{1,9}$/, 'the "next" of an earlier page')
    .optional(),
  quantity: QuantityName.optional(),
  deviceId: Id.optional(),
  change: z.enum(['added', 'changed', 'removed']).optional(),
});
export type DifferenceQuery = z.infer<typeof DifferenceQuery>;

/** How many of the readings that differ carry something, before and after. */
const BothSides = { before: z.number().int(), after: z.number().int() };

const DiffCounts = z.object({
  same: z.number().int(),
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
});
export type DiffCounts = z.infer<typeof DiffCounts>;

export const ReadingsDiff = DiffCounts.extend({
  byQuantity: z.array(
    DiffCounts.extend({
      quantity: QuantityName,
      /** Mean of usable values among those that differ, before and after. */
      meanBefore: z.number().nullable(),
      meanAfter: z.number().nullable(),
    }),
  ),
  /** Qualities and flags of the readings that differ; absent in replays of before they were counted, as is `kept`. */
  byQuality: z.array(z.object({ quality: Quality, ...BothSides })).optional(),
  byFlag: z.array(z.object({ flag: ReadingFlag, ...BothSides })).optional(),
  /** Differences kept to page through: all, or the first ones of very many. */
  kept: z.number().int().optional(),
  /** The first differences of each quantity. */
  examples: z.array(ReadingDifference).max(100),
});
export type ReadingsDiff = z.infer<typeof ReadingsDiff>;

/** A time that an incident lasted; `to` null = still open at the end of the replayed span. */
export const IncidentSpan = z.object({
  kind: IncidentKind,
  assetId: Id.optional(),
  deviceId: Id.optional(),
  issue: HealthIssueKind.optional(),
  from: Instant,
  to: Instant.nullable(),
});
export type IncidentSpan = z.infer<typeof IncidentSpan>;

/** Incidents by the rules that open them live, over the readings as stored and as decoded again, where these differ. */
export const IncidentsDiff = z.object({
  before: z.number().int(),
  after: z.number().int(),
  /** Devices beyond the number whose health is followed; 0 but for very large replays. */
  unjudgedDevices: z.number().int(),
  /** Would not have opened; `gone` and `extra` are counts, the lists hold the first ones. */
  gone: z.number().int(),
  extra: z.number().int(),
  goneExamples: z.array(IncidentSpan).max(50),
  extraExamples: z.array(IncidentSpan).max(50),
});
export type IncidentsDiff = z.infer<typeof IncidentsDiff>;

export const KpiFigures = z.object({
  /** Readings of all quantities that are stored. */
  readings: z.number().int(),
  /** Hours that assets were full, by the threshold of the asset-full incident. */
  fullHours: z.number(),
  /** Hours that sensors counted as silent. */
  silentHours: z.number(),
  /** Mean of usable fill readings; null without any. */
  fillMean: z.number().nullable(),
});
export type KpiFigures = z.infer<typeof KpiFigures>;

/** Figures of the assets whose readings differ, per class of asset. */
export const KpisDiff = z.array(
  z.object({ kind: AssetKind.nullable(), assets: z.number().int(), before: KpiFigures, after: KpiFigures }),
);
export type KpisDiff = z.infer<typeof KpisDiff>;

export const ReplayDiff = z.object({
  /** Frames looked through, uplinks of the asked devices among them, and how many of those cannot be read. */
  frames: z.number().int(),
  uplinks: z.number().int(),
  failing: z.number().int(),
  readings: ReadingsDiff,
  incidents: IncidentsDiff,
  kpis: KpisDiff,
});
export type ReplayDiff = z.infer<typeof ReplayDiff>;

/** waiting → comparing → compared (a dry run ends here, until it is applied) → applying → applied. */
export const ReplayStatus = z.enum(['waiting', 'comparing', 'compared', 'applying', 'applied', 'cancelled', 'failed']);
export type ReplayStatus = z.infer<typeof ReplayStatus>;

/** A replay: stored raw frames decoded again, first compared with what is stored, then applied if so asked. */
export const Replay = z.object({
  id: Id,
  status: ReplayStatus,
  deviceId: Id.optional(),
  typeId: Id.optional(),
  from: Instant,
  to: Instant,
  version: z.string().optional(),
  dryRun: z.boolean(),
  /** Which of several ingest workers reads its inbox again; absent where there is one. */
  worker: z.string().optional(),
  createdAt: Instant,
  createdBy: z.string(),
  updatedAt: Instant,
  progress: z.object({
    phase: z.enum(['compare', 'apply']),
    frames: z.number().int(),
    /** Share of the span done, 0…1. */
    share: z.number().min(0).max(1),
  }),
  /** What differs; present once compared. */
  diff: ReplayDiff.nullable(),
  /** What was written so far; a crash may have lost the count of one page, never its readings. */
  applied: DiffCounts.nullable(),
  /** Why it runs, for replays that the platform starts itself. */
  note: z.string().max(500).optional(),
  fault: z.string().optional(),
});
export type Replay = z.infer<typeof Replay>;
