import { z } from 'zod';
import { DevEui, Id, Instant } from './basics.ts';

/** Where the sensor hangs: distances from the sensor face, metres. */
export const Mounting = z
  .object({
    emptyDistanceM: z.number().positive().max(20),
    fullDistanceM: z.number().min(0).max(20),
    offsetM: z.number().min(-5).max(5).optional(),
    angleDeg: z.number().min(0).max(80).optional(),
  })
  .refine((m) => m.emptyDistanceM > m.fullDistanceM, {
    message: 'emptyDistanceM must be greater than fullDistanceM',
    path: ['emptyDistanceM'],
  });
export type Mounting = z.infer<typeof Mounting>;

export const ExternalIds = z.object({
  devEui: DevEui.optional(),
  imei: z
    .string()
    .regex(/^\d{14,16}$/)
    .optional(),
});
export type ExternalIds = z.infer<typeof ExternalIds>;

/** A physical sensor: identity, type and where it is mounted. */
export const DeviceInput = z.object({
  id: Id,
  typeId: Id,
  name: z.string().max(200).optional(),
  externalIds: ExternalIds.optional(),
  assetId: Id.optional(),
  chamber: Id.optional(),
  mounting: Mounting.optional(),
});
export type DeviceInput = z.infer<typeof DeviceInput>;

export const Device = DeviceInput.extend({ createdAt: Instant });
export type Device = z.infer<typeof Device>;

/** What POST /v1/devices answers: the secret is shown this once. */
export const DeviceCreated = Device.extend({ secret: z.string() });
export type DeviceCreated = z.infer<typeof DeviceCreated>;

/** What the registry keeps: the secret only as SHA-256 (it is random 192 bits, so no slow hash is needed). */
export type DeviceRecord = Device & { secretHash: string };
