import { z } from 'zod';
import { Id, Instant } from './basics.ts';
import { Device, DeviceCreated, Mounting } from './device.ts';
import { Source } from './integration.ts';
import { LorawanLabel } from './lorawan-label.ts';

/** A device that sends and is not registered: collected by (source, name) until somebody adopts or dismisses it. */
export const UnknownDevice = z.object({
  id: Id,
  source: Source,
  /** Its name in the network: a devEUI, an IMEI, a device id or what else the network calls it. */
  name: z.string(),
  nameKind: z.enum(['devEui', 'imei', 'deviceId', 'networkId']),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  uplinks: z.number().int(),
  rssi: z.number().nullable(),
  snr: z.number().nullable(),
  /** The newest frames, at most five, newest first. */
  samples: z.array(z.object({ at: Instant, fPort: z.number().int().nullable(), hex: z.string() })).max(5),
  /** Types whose codec reads the samples, likeliest first. */
  suggestedTypeIds: z.array(Id),
  /** Somebody said that it is not ours: hidden from the list, not forgotten. */
  dismissed: z.boolean().optional(),
});
export type UnknownDevice = z.infer<typeof UnknownDevice>;

/** Body of POST /v1/unknown-devices/{id}/adopt: registers it and replays what it sent. */
export const AdoptInput = z.object({
  deviceId: Id,
  typeId: Id,
  assetId: Id.optional(),
  chamber: Id.optional(),
  mounting: Mounting.optional(),
  name: z.string().max(200).optional(),
});
export type AdoptInput = z.infer<typeof AdoptInput>;

/** What adopting did: the device with its secret, shown this once, and what became of the frames it had sent before. */
export const Adopted = DeviceCreated.extend({
  frames: z.number().int(),
  readings: z.number().int(),
  /** Frames that still cannot be read; their dead letters say why. */
  unread: z.number().int(),
});
export type Adopted = z.infer<typeof Adopted>;

/** Body of POST /v1/device-labels: the text of a label or QR code. */
export const DeviceLabelInput = z.object({ text: z.string().max(2000) });

/** What is known of the device that a label belongs to. */
export const DeviceLabelFound = z.object({
  label: LorawanLabel,
  /** Registered already. */
  device: Device.optional(),
  /** Not registered, and heard from. */
  unknownDevice: UnknownDevice.optional(),
  /** Types of its maker, those that the label names first. */
  suggestedTypeIds: z.array(Id),
});
export type DeviceLabelFound = z.infer<typeof DeviceLabelFound>;
