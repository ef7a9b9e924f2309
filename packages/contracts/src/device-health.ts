import { z } from 'zod';
import { Id, Instant } from './basics.ts';

/** What can be wrong with a device; each opens one incident. */
export const HealthIssueKind = z.enum([
  'silent',
  'losing-uplinks',
  'battery-low',
  'stuck',
  'blocked',
  'tilted',
  'fire',
  'cross-mounted',
  'clock-wrong',
  'calibrate',
  'codec-faults',
]);
export type HealthIssueKind = z.infer<typeof HealthIssueKind>;

export const HealthIssue = z.object({
  kind: HealthIssueKind,
  since: Instant,
  /** How sure, 0…1. */
  confidence: z.number().min(0).max(1),
  text: z.string(),
  remedy: z.string(),
});
export type HealthIssue = z.infer<typeof HealthIssue>;

/** How a device does, judged against its own past; the id is the device's. */
export const DeviceHealth = z.object({
  id: Id,
  at: Instant,
  status: z.enum(['ok', 'attention', 'bad', 'unknown']),
  lastSeenAt: Instant.nullable(),
  /** Its own cadence: the setting, or learned from what arrived. */
  intervalS: z.number().nullable(),
  /** Share of uplinks missing by its counter over the last seven days; null without a counter. */
  lossRate: z.number().min(0).max(1).nullable(),
  /** Probability of a gap this long if the device were well, given its own loss rate. */
  silenceProbability: z.number().min(0).max(1).nullable(),
  battery: z
    .object({
      /** Charge left by the energy model, fraction 0…1. */
      charge: z.number().min(0).max(1),
      daysLeft: z.number().nullable(),
      basis: z.enum(['energy-model', 'device', 'network']),
    })
    .nullable(),
  rssi: z.number().nullable(),
  snr: z.number().nullable(),
  spreadingFactor: z.number().int().nullable(),
  issues: z.array(HealthIssue),
  /** Distances that the first emptyings suggest for the mounting, metres. */
  calibration: z
    .object({ emptyDistanceM: z.number(), fullDistanceM: z.number().nullable(), emptyings: z.number().int() })
    .nullable(),
});
export type DeviceHealth = z.infer<typeof DeviceHealth>;

/** A test at the place, lid shut: it waits for uplinks and judges the signal at the slowest data rate. */
export const InstallTestInput = z.object({ uplinks: z.number().int().min(1).max(20).default(3) });
export type InstallTestInput = z.infer<typeof InstallTestInput>;
export const InstallTest = z.object({
  id: Id,
  deviceId: Id,
  startedAt: Instant,
  wanted: z.number().int(),
  status: z.enum(['waiting', 'passed', 'failed', 'expired']),
  uplinks: z.array(
    z.object({
      at: Instant,
      rssi: z.number().nullable(),
      snr: z.number().nullable(),
      spreadingFactor: z.number().int().nullable(),
      gateways: z.number().int(),
      fill: z.number().nullable(),
      distanceM: z.number().nullable(),
    }),
  ),
  /** Margin in dB that the median uplink would have at spreading factor 12; null before the first. */
  worstRateMarginDb: z.number().nullable(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })),
});
export type InstallTest = z.infer<typeof InstallTest>;

/** Frame counters of a device that never arrived: `from` to `to` of one session, both included. */
export const UplinkGap = z.object({
  session: z.string(),
  from: z.number().int(),
  to: z.number().int(),
  noticedAt: Instant,
  status: z.enum(['open', 'asked', 'filled', 'lost']),
  recovered: z.number().int(),
  /** Why the network could not be asked the last time, or that nobody can be asked. */
  reason: z.string().max(300).optional(),
});
export type UplinkGap = z.infer<typeof UplinkGap>;

/** What the counters of a device tell; the id is the device's. */
export const DeviceLink = z.object({
  id: Id,
  session: z.string(),
  lastCounter: z.number().int().nullable(),
  received: z.number().int(),
  missed: z.number().int(),
  recovered: z.number().int(),
  resets: z.number().int(),
  gaps: z.array(UplinkGap).max(200),
});
export type DeviceLink = z.infer<typeof DeviceLink>;
