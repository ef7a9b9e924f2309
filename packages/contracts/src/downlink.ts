import { z } from 'zod';
import { Id, Instant } from './basics.ts';

/** Steps of a downlink; the last four are ends. `superseded`: a newer one for the same setting took its place in time. */
export const DownlinkStatus = z.enum(['queued', 'sent', 'acknowledged', 'failed', 'superseded', 'cancelled']);
export type DownlinkStatus = z.infer<typeof DownlinkStatus>;

/** Body of POST /v1/devices/{id}/downlinks: a named setting of the device's type with its parameters. */
export const DownlinkInput = z.object({
  setting: z.string().min(1).max(60),
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  confirmed: z.boolean().default(true),
});
export type DownlinkInput = z.infer<typeof DownlinkInput>;

/** A message to a device, followed to its end. */
export const Downlink = DownlinkInput.extend({
  id: Id,
  deviceId: Id,
  typeVersion: z.string(),
  fPort: z.number().int(),
  payloadHex: z.string(),
  status: DownlinkStatus,
  createdAt: Instant,
  createdBy: z.string(),
  updatedAt: Instant,
  attempts: z.number().int(),
  /** When the network took it over; absent while it waits here. */
  handedOverAt: Instant.optional(),
  /** What the network calls it. */
  networkRef: z.string().optional(),
  /** What happened, oldest first. */
  history: z.array(z.object({ at: Instant, status: DownlinkStatus, detail: z.string().optional() })).max(50),
});
export type Downlink = z.infer<typeof Downlink>;

/** One setting that a sensor type offers. */
export const SettingSummary = z.object({
  name: z.string(),
  description: z.string(),
  fPort: z.number().int(),
  parameters: z.record(
    z.string(),
    z.object({
      unit: z.string().optional(),
      min: z.number().optional(),
      max: z.number().optional(),
      description: z.string(),
    }),
  ),
});
export type SettingSummary = z.infer<typeof SettingSummary>;
