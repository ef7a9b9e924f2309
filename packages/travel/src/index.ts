/** Distances, travel times and lines between places, by URL: straight lines, a road graph from an OSM extract, OSRM, Valhalla. */
export * from './port.ts';
export * from './open.ts';
export * from './probe.ts';
export { greatCircleM } from './adapters/straight-line.ts';
