import { z } from 'zod';
import { Id, Instant } from './basics.ts';
import { CrewEventKind, SkipReason } from './crew-event.ts';
import { HealthIssueKind } from './device-health.ts';
import { StopConflict } from './plan.ts';

export const IncidentKind = z.enum([
  'asset-full',
  'sensor-silent',
  'sensor-disagrees',
  'crew-problem',
  'stop-blocked',
  'vehicle-out',
  'device-health',
  'fire',
  'type-rolled-back',
  'platform',
]);
export type IncidentKind = z.infer<typeof IncidentKind>;

/** One thing that needs attention; one per cause, however often it shows. */
export const Incident = z.object({
  id: Id,
  kind: IncidentKind,
  status: z.enum(['open', 'acknowledged', 'shelved', 'resolved']),
  assetId: Id.optional(),
  deviceId: Id.optional(),
  roundId: Id.optional(),
  /** What is wrong with the device, for kinds device-health and fire. */
  issue: HealthIssueKind.optional(),
  /** The version of a sensor type that was taken back, for kind type-rolled-back. */
  typeId: Id.optional(),
  version: z.string().optional(),
  /** The part of the platform that is not well, for kind platform. */
  part: z.string().optional(),
  /** What a crew told that made it, for kinds crew-problem and stop-blocked. */
  report: z
    .object({
      kind: CrewEventKind,
      reason: SkipReason.optional(),
      note: z.string().optional(),
      conflict: StopConflict.optional(),
    })
    .optional(),
  openedAt: Instant,
  updatedAt: Instant,
  text: z.string(),
});
export type Incident = z.infer<typeof Incident>;
