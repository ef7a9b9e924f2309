/** A simulated city that speaks the real protocols: devices with vendor bytes, network servers, crews; and replays of series. */
export { createCity } from './city/create-city.ts';
export { vehiclesOnShift } from './city/fleet.ts';
export { deviceInputOf, type ChamberDemand, type City, type CityDevice } from './city/model.ts';
export type { SimClock, SimLog } from './clock.ts';
export { createSim, type Sim, type SimOptions, type SimState, type SimStats } from './sim.ts';
export type { SimCredentials } from './transports/carrier.ts';
export { cityHistory, type HistoryOptions } from './history.ts';
export { createWorld, type World, type WorldState } from './fill/world.ts';
export { FAULT_MIXES, readFaultMix } from './faults/mixes.ts';
export type { FaultMix, FaultName } from './faults/model.ts';
export { createLoadFleet, type LoadFleet, type LoadFleetOptions } from './fleet/load-fleet.ts';
export { SCENARIOS, type Scenario, type ScenarioName } from './fleet/scenarios.ts';
export { openTypeBook, type TypeBook } from './type-book.ts';
export { openNetworks } from './networks/index.ts';
export { NETWORK_IDS, type NetworkId } from './networks/model.ts';
export { readFillCsv, type FillRow } from './replay/read-csv.ts';
export { replayFills, shiftToNow, type ReplaySummary } from './replay/replay-fills.ts';
export { replayPlaces } from './replay/places.ts';
