/** The API: REST under /v1, live WebSocket for dashboards, incidents, exports, API documentation and the screens' files. */
export * from './config.ts';
export * from './deps.ts';
export * from './service.ts';
