/** The routing role: from fill levels to rounds on tablets. */
export { createRouting, type RoutingDeps } from './service.ts';
export { RoutingConfig } from './config.ts';
