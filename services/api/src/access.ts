import type { LiveTopic, Role } from '@ronde/contracts';

/** Who may do what; every route and topic names one of these lists. Deny by default. */
export const ANYONE: Role[] = ['viewer', 'crew', 'operator', 'engineer', 'admin'];
/** Aggregates and readings: all but tablets. */
export const OBSERVERS: Role[] = ['viewer', 'operator', 'engineer', 'admin'];
/** Fleet, devices, incidents: people who run or mend the city's sensors. */
export const STAFF: Role[] = ['operator', 'engineer', 'admin'];
/** Crews, assets, incidents, rounds. */
export const OPERATORS: Role[] = ['operator', 'admin'];
/** Devices, integrations, raw traffic. */
export const ENGINEERS: Role[] = ['engineer', 'admin'];
export const ADMINS: Role[] = ['admin'];

/** Roles that may follow each topic of the live channel. */
export const TOPIC_ROLES: Record<LiveTopic, Role[]> = {
  assets: ANYONE,
  kpis: OBSERVERS,
  incidents: STAFF,
  rounds: OPERATORS,
  crews: OPERATORS,
  raw: ENGINEERS,
};
