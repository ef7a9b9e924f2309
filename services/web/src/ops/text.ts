import type { Incident, MoveObstacle, OffRoad, Round, Stop } from '@ronde/contracts';
import { defineMessages } from '../shared/i18n/messages.ts';
import { en } from './en.ts';
import { nl } from './nl.ts';

/** Text of the operations screen, in the reader's language. */
export const t = defineMessages(nl, en);

const STATUS_KEYS = {
  open: 'statusOpen',
  acknowledged: 'statusAcknowledged',
  shelved: 'statusShelved',
  resolved: 'statusResolved',
} as const satisfies Record<Incident['status'], keyof typeof nl>;
const ROUND_KEYS = {
  published: 'roundPublished',
  active: 'roundActive',
  done: 'roundDone',
  cancelled: 'roundCancelled',
} as const satisfies Record<Round['status'], keyof typeof nl>;
const STOP_KEYS = {
  planned: 'stopPlanned',
  arrived: 'stopArrived',
  done: 'stopDone',
  skipped: 'stopSkipped',
  problem: 'stopProblem',
} as const satisfies Record<Stop['status'], keyof typeof nl>;
const OBSTACLE_KEYS = {
  committed: 'obstacleCommitted',
  ended: 'obstacleEnded',
  'vehicle-does-not-fit': 'obstacleVehicle',
  'no-capacity': 'obstacleCapacity',
  closed: 'obstacleClosed',
  'no-time': 'obstacleTime',
  'no-site': 'obstacleSite',
  'shift-over': 'obstacleShift',
} as const satisfies Record<MoveObstacle['code'], keyof typeof nl>;

const OFF_ROAD_KEYS = {
  far: 'offRoadFar',
  'cut-off': 'offRoadCut',
  'off-map': 'offRoadMap',
} as const satisfies Record<OffRoad['state'], keyof typeof nl>;

/** Says how a place lies off the road, and what to do about it. */
export const offRoadName = (state: OffRoad['state']): string => t(OFF_ROAD_KEYS[state]);
export const offRoadRemedy = (state: OffRoad['state']): string => t(`${OFF_ROAD_KEYS[state]}Do`);
/** Says what stands in the way of a move, whose rule it is, and by how much. */
export function sayObstacle({ code, vehicle, minutes }: MoveObstacle): string {
  const what = minutes === undefined ? t(OBSTACLE_KEYS[code]) : `${t(OBSTACLE_KEYS[code])} (${minutes} min)`;
  return vehicle === undefined ? what : `${vehicle}: ${what}`;
}
export const incidentStatus = (status: Incident['status']): string => t(STATUS_KEYS[status]);
export const roundStatus = (status: Round['status']): string => t(ROUND_KEYS[status]);
export const stopStatus = (status: Stop['status']): string => t(STOP_KEYS[status]);
