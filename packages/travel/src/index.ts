/** Distances and travel times between places, by URL: `straight-line:`. */
export * from './port.ts';
export * from './open.ts';
export { greatCircleM } from './adapters/straight-line.ts';
