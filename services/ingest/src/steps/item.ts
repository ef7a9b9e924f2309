import type { TypeGeometry } from '@ronde/sensor-types';
import type { CanonicalValue, DeviceRecord, NetworkEvent, Reading, StoredFrame, Uplink } from '@ronde/contracts';

/** An uplink read out of a frame. */
export interface Opened {
  frame: StoredFrame;
  uplink: Uplink;
  /** `{seq}` of the frame, or `{seq}-{n}` for the further uplinks of one frame: the same on every reading of the inbox. */
  uplinkId: string;
  /** Taken from an event: a value, and no uplink of the device. */
  isOfEvent?: boolean | undefined;
}
/** What a network told of a device besides measurements. */
export interface Announcement {
  frame: StoredFrame;
  event: NetworkEvent;
  uplinkId: string;
  /** Its message carries nothing else. */
  isAlone: boolean;
}
export interface Told extends Announcement {
  device: DeviceRecord;
}
export interface Identified extends Opened {
  device: DeviceRecord;
  /** Which life of its counters it belongs to, where the session does not say so. */
  epoch?: string | undefined;
}
export interface Fresh extends Identified {
  /** What makes it a duplicate when seen again; null when nothing in the message can. */
  key: string | null;
}
export interface TimedValue extends CanonicalValue {
  /** The value's own time, when the message gives one per value. */
  atMs?: number | undefined;
  /** Where it was measured, when the message says so instead of the device's mounting. */
  assetId?: string | null | undefined;
}
export interface Valued extends Fresh {
  typeVersion: string;
  /** What its type knows of how the sensor sees and hangs. */
  geometry?: TypeGeometry | undefined;
  values: TimedValue[];
  /** The device's own message counter, out of its payload. */
  counter?: number | undefined;
}
export interface Finished extends Fresh {
  readings: Reading[];
  counter?: number | undefined;
}
