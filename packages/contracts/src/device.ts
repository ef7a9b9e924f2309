import { z } from 'zod';
import { DevEui, Id, Instant } from './basics.ts';
import { ContainerShape } from './container-shape.ts';

/** Where the sensor hangs: distances from the sensor face, metres. */
export const Mounting = z
  .object({
    emptyDistanceM: z.number().positive().max(20),
    fullDistanceM: z.number().min(0).max(20),
    offsetM: z.number().min(-5).max(5).optional(),
    angleDeg: z.number().min(0).max(80).optional(),
    /** How volume runs between the marks; absent: upright walls. */
    shape: ContainerShape.optional(),
  })
  .refine((m) => m.emptyDistanceM > m.fullDistanceM, {
    message: 'emptyDistanceM must be greater than fullDistanceM',
    path: ['emptyDistanceM'],
  });
export type Mounting = z.infer<typeof Mounting>;

const Key128 = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{32}$/, 'a key is 32 hexadecimal digits');

export const ExternalIds = z.object({
  devEui: DevEui.optional(),
  imei: z
    .string()
    .regex(/^\d{14,16}$/)
    .optional(),
  /** The network's own name: a Sigfox id, an IMSI, a KPN device UUID, a Sparkplug `group/edge node/device`. */
  networkId: z
    .string()
    .max(200)
    // eslint-disable-next-line no-control-regex -- exactly those are meant
    .regex(/^[^\u0000-\u001f\u007f]+$/, 'is empty or holds control characters')
    .optional(),
});
export type ExternalIds = z.infer<typeof ExternalIds>;

/** Where a device stands in its life. */
export const DeviceStatus = z.enum(['in-stock', 'installed', 'maintenance', 'retired']);
export type DeviceStatus = z.infer<typeof DeviceStatus>;

/** LoRaWAN root keys (32 hexadecimal digits) and join server; written only, kept sealed, shown to nobody but an export by an admin. */
export const DeviceKeys = z.object({
  appKey: Key128.optional(),
  nwkKey: Key128.optional(),
});
export type DeviceKeys = z.infer<typeof DeviceKeys>;

/** One stay of a device on an asset; readings belong to the asset of their own time. `to` null = until further notice. */
export const Mount = z.object({
  assetId: Id,
  chamber: Id.optional(),
  mounting: Mounting.optional(),
  from: Instant,
  to: Instant.nullable(),
});
export type Mount = z.infer<typeof Mount>;

/** A physical sensor: identity, type and where it is mounted. */
export const DeviceInput = z.object({
  id: Id,
  typeId: Id,
  name: z.string().max(200).optional(),
  /** Absent: installed when it has an asset, in stock otherwise. */
  status: DeviceStatus.optional(),
  externalIds: ExternalIds.optional(),
  serialNumber: z.string().max(100).optional(),
  joinEui: DevEui.optional(),
  /** The integration that downlinks and missing uplinks are asked of. */
  integrationId: Id.optional(),
  assetId: Id.optional(),
  chamber: Id.optional(),
  mounting: Mounting.optional(),
  /** How often it sends when nothing happens; absent: as its type says. */
  expectedIntervalS: z.number().positive().max(604_800).optional(),
  tags: z.array(z.string().min(1).max(60)).max(20).optional(),
});
export type DeviceInput = z.infer<typeof DeviceInput>;

export const Device = DeviceInput.extend({
  status: DeviceStatus,
  createdAt: Instant,
  hasKeys: z.boolean(),
  /** Answered after a write only: what was done and deserves a look. */
  warnings: z.array(z.string()).optional(),
});
export type Device = z.infer<typeof Device>;

/** What POST /v1/devices answers: the secret is shown this once. */
export const DeviceCreated = Device.extend({ secret: z.string() });
export type DeviceCreated = z.infer<typeof DeviceCreated>;

/**
 * What the registry keeps: the secret only as SHA-256 (it is random 192 bits, so no slow hash is needed), keys sealed,
 * and its stays on assets, oldest first; the last one mirrors `assetId`, `chamber` and `mounting`.
 */
export type DeviceRecord = DeviceInput & {
  createdAt: string;
  secretHash: string;
  keysSealed?: string | undefined;
  mounts?: Mount[] | undefined;
};

export const MAX_MOUNTS = 100;

/** Body of POST /v1/devices/{id}/mount; `at` absent = now. */
export const MountInput = z.object({
  assetId: Id,
  chamber: Id.optional(),
  mounting: Mounting.optional(),
  at: Instant.optional(),
  /** Another device measures the same there, and that is meant. */
  allowShared: z.boolean().optional(),
});
export type MountInput = z.infer<typeof MountInput>;
/** Body of POST /v1/devices/{id}/unmount. */
export const UnmountInput = z.object({ at: Instant.optional(), status: DeviceStatus.default('in-stock') });
export type UnmountInput = z.infer<typeof UnmountInput>;
/** Body of POST /v1/devices/{id}/swap: the other device takes over place and mounting at one moment. */
export const SwapInput = z.object({
  byDeviceId: Id,
  at: Instant.optional(),
  status: DeviceStatus.default('maintenance'),
});
export type SwapInput = z.infer<typeof SwapInput>;

/** Which devices of a list: what GET /v1/devices takes as query. */
export const DeviceFilter = z.object({
  status: DeviceStatus.optional(),
  typeId: Id.optional(),
  assetId: Id.optional(),
  integrationId: Id.optional(),
  devEui: z.string().toLowerCase().optional(),
  tag: z.string().max(60).optional(),
  q: z.string().max(100).optional().describe('Part of id, name, devEUI, serial number, type, asset or tag; any case'),
});
export type DeviceFilter = z.infer<typeof DeviceFilter>;

export const MAX_BULK = 10_000;

/** Body of POST /v1/devices/bulk: one thing for many devices, named by id or found by filter. */
export const DeviceBulkInput = z
  .object({
    ids: z.array(Id).min(1).max(MAX_BULK).optional(),
    filter: DeviceFilter.optional(),
    action: z.enum(['retire', 'status', 'tag', 'untag', 'integration']),
    status: DeviceStatus.optional(),
    tags: DeviceInput.shape.tags,
    /** For the action `integration`; null takes it away. */
    integrationId: Id.nullable().optional(),
  })
  .superRefine(({ ids, filter, action, status, tags, integrationId }, context) => {
    const need = (path: string, missing: boolean, message: string): void => {
      if (missing) context.addIssue({ code: 'custom', path: [path], message });
    };
    need('ids', (ids === undefined) === (filter === undefined), 'give either ids or filter');
    need('filter', filter !== undefined && Object.keys(filter).length === 0, 'name at least one field');
    need('status', action === 'status' && status === undefined, 'give the status to set');
    need('tags', (action === 'tag' || action === 'untag') && !tags?.length, 'give at least one tag');
    need('integrationId', action === 'integration' && integrationId === undefined, 'give an integration, or null');
  });
export type DeviceBulkInput = z.infer<typeof DeviceBulkInput>;

export const DeviceBulkResult = z.object({
  changed: z.number().int(),
  unchanged: z.number().int(),
  refused: z.number().int(),
  items: z.array(
    z.object({ id: Id, outcome: z.enum(['changed', 'unchanged', 'refused']), message: z.string().optional() }),
  ),
});
export type DeviceBulkResult = z.infer<typeof DeviceBulkResult>;
