/** The composition root: reads the configuration, opens the stores and starts the roles. */
export { influxOptions, startPlatform, type Platform } from './platform.ts';
export { CONFIGS, readAll, type AllConfigs } from './config.ts';
export { chooseRoles, ROLES, type RoleName } from './roles.ts';
export { findSealKey } from './secrets.ts';
export { commit, version } from './version.ts';
export { addErasures } from './erasure-log.ts';
export { s3Of } from './operations.ts';
export { checkEnvelopes, follow, routeMessage, upstreamOf, type FollowState } from '@ronde/ingest';
