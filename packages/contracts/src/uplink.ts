import type { Quantity } from './quantities.ts';
import type { Source } from './integration.ts';
import type { UcumCode } from './units.ts';

/** Who handed a frame in. */
export interface FrameOrigin {
  kind: 'device' | 'integration';
  id: string;
}

/** A raw message as it came over the wire; what the inbox keeps. */
export interface Frame {
  tenant: string;
  source: Source;
  topic: string;
  /** Milliseconds since 1970, platform clock. */
  receivedAtMs: number;
  origin: FrameOrigin;
  payload: Uint8Array;
  /** MQTT packet id and DUP flag of a native publish, for duplicates without a counter. */
  packetId?: number | undefined;
  dup?: boolean | undefined;
}

/** A frame with its place in the inbox; `seq` grows by one per frame and never repeats. */
export interface StoredFrame extends Frame {
  seq: number;
}

/** What every network's envelope boils down to; the pipeline knows nothing else of networks. */
export interface Uplink {
  source: Source;
  /** How to find the device: exactly one is set. */
  device: { deviceId: string } | { devEui: string } | { imei: string };
  /** Session (session key id, devAddr) the counter belongs to; empty when the network gives none. */
  session: string;
  fCnt: number | null;
  fPort: number | null;
  /** Raw device bytes, or null when the network delivers values only. */
  bytes: Uint8Array | null;
  /** Values already decoded (native plain values, SenML), by catalogue name. */
  values: UplinkValue[];
  /** When the device or network says it happened, ms since 1970; null when nobody says. */
  atMs: number | null;
  /** True when `atMs` came from the device's own clock, so that its counter-free frames can be told apart. */
  radio: { rssi: number | null; snr: number | null; gateways: number } | null;
}

export interface UplinkValue {
  quantity: Quantity;
  value: number;
  unit?: UcumCode | undefined;
  chamber?: string | undefined;
  atMs?: number | undefined;
}
