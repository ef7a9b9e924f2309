import type { Quantity, Source } from '@ronde/contracts';
import type { EncodedUplink } from '@ronde/sensor-types';
import type { Air } from '../devices/radio.ts';
import type { CounterBits } from '../faults/counter.ts';

/** Every way a simulated device reaches a platform. */
export const NETWORK_IDS = [
  'things-stack',
  'things-stack-webhook',
  'chirpstack',
  'chirpstack-protobuf',
  'thingpark',
  'loriot',
  'helium',
  'sigfox',
  'kpn',
  'kpn-raw',
  'miotiq',
  'milesight-nb',
  'sparkplug',
  'senml',
  'native',
  'native-plain',
] as const;
export type NetworkId = (typeof NETWORK_IDS)[number];

/** What a device is called where. */
export interface Ids {
  deviceId: string;
  devEui: string;
  imei: string;
  /** The network's own name: a Sigfox id, an IMSI, a KPN device UUID, a Sparkplug path. */
  networkId: string;
}

/** One value of a device whose network carries values; null = it measured nothing. */
export type Value = readonly [Quantity, number | null];

/** What a network knows of one uplink. */
export interface Delivery {
  ids: Ids;
  typeId: string;
  /** Empty for networks that carry values. */
  uplink: EncodedUplink;
  values: readonly Value[];
  air: Air;
  fCnt: number;
  /** Grows with every join of the device. */
  session: number;
  /** When the network heard it. */
  atMs: number;
  /** What the device's own clock shows; null = it has none, or does not say. */
  deviceMs: number | null;
  battery: number;
  /** True: the network kept it and hands it over late. */
  late: boolean;
}

/** A message as it leaves for the platform. */
export interface Message {
  /** MQTT topic, or the query that is added to the webhook's address. */
  to: string;
  body: string | Uint8Array;
}

/** One network or format: how a delivery is written down. */
export interface Network {
  id: NetworkId;
  /** Its name among the platform's sources. */
  source: Source;
  transport: 'mqtt' | 'http';
  carries: 'bytes' | 'values';
  /** Width of the counter it shows. */
  counterBits: CounterBits;
  /** Largest payload of a device, bytes. */
  maxBytes: number;
  /** True: radio that loses messages; false: the device repeats until it is through. */
  lossy: boolean;
  /** True: a join begins a new session with a counter from zero. */
  joins: boolean;
  /** The only port it knows, or 'none': then a type is read on the first port it declares. */
  onlyPort?: number | 'none';
  /** So many devices in a row share a connection, and their messages are numbered together: none comes late or twice. */
  perEdge?: number;
  /** What the device of a number is called. */
  namesOf(index: number): Partial<Omit<Ids, 'deviceId'>>;
  /** Writes an uplink: one message, or more where the network tells the same twice. */
  up(delivery: Delivery): Message[];
  /** Writes what a device kept while there was no network, oldest first, with its newest report in one message. */
  batch?(deliveries: readonly Delivery[]): Message[];
  /** Writes news of a join, where the network tells it. */
  joined?(delivery: Pick<Delivery, 'ids' | 'session' | 'atMs' | 'typeId'>): Message;
}
