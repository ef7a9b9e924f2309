/** Typed events between services, by URL: `memory:`, `redis:`, `mqtt:`. */
export * from './port.ts';
export * from './open.ts';
