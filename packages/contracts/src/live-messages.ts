import { z } from 'zod';
import { Instant } from './basics.ts';

export const PROTOCOL_VERSION = 1;
export const HEARTBEAT_S = 15;
export const LIVE_TOPICS = ['assets', 'incidents', 'rounds', 'crews', 'kpis', 'raw'] as const;
export const LiveTopic = z.enum(LIVE_TOPICS);
export type LiveTopic = z.infer<typeof LiveTopic>;

/** Close codes: 4401 no valid token within 5 s; 1013 client too slow; 1009 frame too big. */
export const CLOSE_UNAUTHENTICATED = 4401;
export const CLOSE_SLOW = 1013;

export const Since = z.object({ epoch: z.string(), offset: z.number().int().min(0) });
export type Since = z.infer<typeof Since>;

export const AuthMessage = z.object({ type: z.literal('auth'), token: z.string().min(1).max(400) });
export const SubMessage = z.object({ type: z.literal('sub'), topic: LiveTopic, since: Since.optional() });
export const UnsubMessage = z.object({ type: z.literal('unsub'), topic: LiveTopic });
export const PingMessage = z.object({ type: z.literal('ping') });
/** What a dashboard may send. */
export const LiveClientMessage = z.discriminatedUnion('type', [AuthMessage, SubMessage, UnsubMessage, PingMessage]);
export type LiveClientMessage = z.infer<typeof LiveClientMessage>;

export interface HelloMessage {
  type: 'hello';
  protocol: number;
  epoch: string;
  heartbeatS: number;
  serverTime: Instant;
}

/**
 * Snapshot of `assets` is columnar and small; static fields come from GET /v1/assets. Index i of `u` points into `ids`.
 * Deltas of `assets` carry `{u: [[assetId, fill|null, atMs|null, quality, silent], …]}`; of the other topics
 * `{items: […]}` (changed documents) and `{removed: [id, …]}`.
 */
export type AssetTuple = [id: string, fill: number | null, atMs: number | null, quality: string | null, silent: 0 | 1];
export interface SnapMessage {
  type: 'snap';
  topic: LiveTopic;
  epoch: string;
  offset: number;
  u?: AssetTuple[];
  items?: unknown[];
}
export interface DeltaMessage {
  type: 'delta';
  topic: LiveTopic;
  offset: number;
  u?: AssetTuple[];
  items?: unknown[];
  removed?: string[];
}
export interface ErrorMessage {
  type: 'error';
  code: string;
  message: string;
  remedy: string;
}
export type LiveServerMessage =
  HelloMessage | SnapMessage | DeltaMessage | ErrorMessage | { type: 'pong'; serverTime: Instant };

/** The five numbers of the operations strip. */
export const Kpis = z.object({
  assets: z.number().int(),
  full: z.number().int(),
  overflowSoon: z.number().int().nullable(),
  silent: z.number().int(),
  stopsDone: z.number().int(),
  stopsPlanned: z.number().int(),
  distanceM: z.number(),
  readingsToday: z.number().int(),
  deadLetters: z.number().int(),
});
export type Kpis = z.infer<typeof Kpis>;
