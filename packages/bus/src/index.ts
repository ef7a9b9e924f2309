/** Typed events between services, by URL: `memory:`. */
export * from './port.ts';
export * from './open.ts';
