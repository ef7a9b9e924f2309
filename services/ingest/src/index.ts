/** From raw frames to readings: follows the inbox, decodes, checks, stores and announces; takes uplinks by webhook. */
export { createIngest, type Ingest, type IngestDeps } from './service.ts';
export { IngestConfig } from './config.ts';
export {
  SOURCE_PARSERS,
  parseEnvelope,
  parseFrame,
  parserOf,
  readFrame,
  recognise,
  type Envelope,
} from './sources/index.ts';
export type { EnvelopeContext, Family, Parsed, Recall, SourceParser } from './sources/parsed.ts';
export { nameOf as nameOfErasure, type ErasureLog } from './erasure/reach.ts';
export type { Replayer } from './replay.ts';
export { checkEnvelopes, type EnvelopeCheck } from './check/check-envelopes.ts';
export { follow, type Follower, type FollowOptions, type FollowState } from './bridge/follower.ts';
export { defaultTopics, routeMessage, type Following } from './bridge/route-message.ts';
export { upstreamOf, type UpstreamInput } from './bridge/upstream-of.ts';
export type { Upstream, UpstreamMessage } from './bridge/session.ts';
