/** Readings store by URL (`sqlite:`), and the live state of assets kept from it. */
export * from './port.ts';
export * from './open.ts';
export * from './change-schema.ts';
export * from './live-state.ts';
export * from './incident-rules.ts';
export * from './same-reading.ts';
export { createSilence, type Silence } from './silence.ts';
export * from './influx-setup.ts';
