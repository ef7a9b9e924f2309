import type { Aedes, Client } from 'aedes';
import type { Properties } from './properties.ts';

/*
 * Parts of Aedes 1.2.0 and mqtt-packet 9.0.2 that their types keep to themselves and we must reach: neither has an
 * option for what is done with them here. `inside.test.ts` fails when an upgrade moves one of them.
 */

/** A packet as far as it is read. */
export interface InnerPacket {
  cmd?: string;
  length: number;
  qos: number;
  dup: boolean;
  protocolId?: string;
  protocolVersion?: number;
  bridgeMode?: boolean;
  username?: string;
  password?: unknown;
  clientId?: string;
  clean?: boolean;
  will?: { topic: string; qos: number };
  keepalive?: number;
  properties?: Properties;
  reasonCode?: number;
  topic?: string;
  messageId?: number | null;
  subscriptions?: { topic: string; nl?: boolean }[];
  unsubscriptions?: string[];
}

/** mqtt-packet's parser: states are looked up by name on the instance, so each can be replaced. */
export interface InnerParser {
  packet: InnerPacket;
  error: Error | null;
  settings: object;
  _list: {
    length: number;
    slice(start: number, end: number): Buffer;
    toString(encoding: 'utf8', start: number, end: number): string;
  };
  _pos: number;
  /** What came before CONNACK; null from then on. */
  _queue: object[] | null;
  parse(chunk: Buffer): number;
  _parseHeader(): boolean | undefined;
  _parseLength(): boolean;
  _parseConnect(): unknown;
  _parsePublish(): void;
  _parseDisconnect(): unknown;
  _parseProperties(): Properties;
  _parseByte(): number | undefined;
  _parseConfirmation(): unknown;
  _parseSubscribe(): void;
  _parseUnsubscribe(): void;
  _parseString(): string | null;
  _parseNum(): number;
  _parseMessageId(): boolean;
  _emitError(error: Error): void;
}

export interface InnerClient extends Omit<Client, 'id'> {
  id: string;
  _parser: InnerParser;
  _will?: unknown;
  /** Packets taken from the connection and not done; nothing is read from it meanwhile. */
  _parsingBatch: number;
  /** One of them is done, or the connection is to end with an error. */
  _nextBatch(error?: Error): void;
  _keepaliveInterval: number;
  _keepaliveTimer: NodeJS.Timeout | null;
  /** Packet id of the next message to this client. */
  _nextId: number;
  subscriptions: Record<string, unknown>;
}

export interface InnerAedes extends Omit<Aedes, 'publish'> {
  clients: Record<string, InnerClient>;
  publish(packet: object, client: unknown, done?: (error?: Error | null) => void): void;
}

export const inner = (client: Client): InnerClient => client as unknown as InnerClient;
