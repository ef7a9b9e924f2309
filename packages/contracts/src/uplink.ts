import type { Fault } from './errors.ts';
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

/**
 * How to find a device: exactly one is set. `networkId` is the network's own name where it has no devEUI or IMEI (a Sigfox
 * id, a SIM's IMSI, a KPN UUID, a Sparkplug path); a device without that external id may carry `deviceId` as its id.
 */
export type DeviceName =
  { deviceId: string } | { devEui: string } | { imei: string } | { networkId: string; orDeviceId?: string | undefined };

/** A gateway that heard an uplink, best signal first. */
export interface GatewaySeen {
  id: string | null;
  rssi: number | null;
  snr: number | null;
}

/** The radio's part of an uplink; `rssi` and `snr` are the best gateway's, dBm and dB. */
export interface UplinkRadio {
  rssi: number | null;
  snr: number | null;
  /** How many gateways heard it. */
  gateways: number;
  /** Which ones, as far as the network tells, at most 16. */
  seenBy?: GatewaySeen[] | undefined;
  spreadingFactor?: number | undefined;
  bandwidthHz?: number | undefined;
}

/** What every network's envelope boils down to; the pipeline knows nothing else of networks. */
export interface Uplink {
  source: Source;
  device: DeviceName;
  /** Session (session key id, devAddr) the counter belongs to; empty when the network gives none. */
  session: string;
  fCnt: number | null;
  fPort: number | null;
  /** Raw device bytes, or null when the network delivers values only. */
  bytes: Uint8Array | null;
  /** Values already decoded (native plain values, SenML), by catalogue name. */
  values: UplinkValue[];
  /** A record in the sender's own words, which the device's type gives its meaning (a vendor's cloud). */
  data?: Record<string, unknown> | undefined;
  /** JSON or SenML as its sender named it, of which the catalogue knows `values` only. */
  words?: Words | undefined;
  /** When the device or network says it happened, ms since 1970; null when nobody says. */
  atMs: number | null;
  radio: UplinkRadio | null;
  /** Width of `fCnt` when it is not LoRaWAN's 32 bits (Sigfox 12, NB-IoT frames 16). */
  counterBits?: 8 | 12 | 16 | 32 | undefined;
  /** Fetched later from the network's storage, or delivered late by it. */
  late?: boolean | undefined;
}

/** What a sender says in its own names: for a device whose type reads records they get their meaning there. */
export interface Words {
  record: Record<string, unknown>;
  /** What the catalogue does not know of it; told when the type reads no records. */
  faults: Fault[];
}

/** What a network tells of a device besides uplinks. */
export type NetworkEvent = { source: Source; device: DeviceName; atMs: number | null } &
  /** The counters begin anew, in this session; empty where the network does not name it, or keeps the old one. */
  (
    | { kind: 'join'; session: string }
    | {
        kind: 'downlink';
        status: 'queued' | 'sent' | 'acknowledged' | 'failed';
        /** The id that Ronde gave the downlink, where the network hands it back. */
        correlationId: string | null;
        fCntDown: number | null;
        detail: string | null;
      }
    | {
        kind: 'status';
        /** Charge, fraction 0…1; null = unknown or on external power. */
        battery: number | null;
        externalPower: boolean | null;
        marginDb: number | null;
      }
    | { kind: 'location'; lat: number; lon: number; accuracyM: number | null }
    /** An edge node or gateway says that the device came to life, or is gone (Sparkplug births and deaths). */
    | { kind: 'presence'; online: boolean }
  );

export interface UplinkValue {
  quantity: Quantity;
  value: number;
  unit?: UcumCode | undefined;
  chamber?: string | undefined;
  atMs?: number | undefined;
  /** What it was measured at, when that is not where the device hangs: the container that a crane lifts. */
  assetId?: string | undefined;
}

/** An uplink as its link sees it: counter, signal and size, without what it measured. */
export interface UplinkHeard {
  deviceId: string;
  typeId: string;
  source: Source;
  uplinkId: string;
  receivedAtMs: number;
  /** When it was sent, as far as somebody says, else when it was received. */
  atMs: number;
  session: string;
  fCnt: number | null;
  counterBits: 8 | 12 | 16 | 32;
  fPort: number | null;
  payloadBytes: number | null;
  radio: UplinkRadio | null;
  late: boolean;
  /** False when its codec refused it. */
  readable: boolean;
}
