/** A simulated city that speaks the real protocols: devices with vendor bytes, network servers, crews; and replays of series. */
export { createCity } from './city/create-city.ts';
export { createBenchCity } from './city/bench-city.ts';
export { vehiclesOnShift } from './city/fleet.ts';
export type { ChamberDemand, City, CityDevice, Link } from './city/model.ts';
export type { SimClock, SimLog } from './clock.ts';
export { createSim, type Sim, type SimCredentials, type SimOptions, type SimState, type SimStats } from './sim.ts';
export { cityHistory, type HistoryOptions } from './history.ts';
export { createWorld, type World, type WorldState } from './fill/world.ts';
export type { FaultMode } from './devices/faults.ts';
export { readFillCsv, type FillRow } from './replay/read-csv.ts';
export { replayFills, shiftToNow, type ReplaySummary } from './replay/replay-fills.ts';
export { replayPlaces } from './replay/places.ts';
