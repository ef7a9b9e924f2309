import type { Incident, MoveObstacle, Round, Stop } from '@ronde/contracts';
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
} as const satisfies Record<MoveObstacle['code'], keyof typeof nl>;

export const obstacleName = (code: MoveObstacle['code']): string => t(OBSTACLE_KEYS[code]);
export const incidentStatus = (status: Incident['status']): string => t(STATUS_KEYS[status]);
export const roundStatus = (status: Round['status']): string => t(ROUND_KEYS[status]);
export const stopStatus = (status: Stop['status']): string => t(STOP_KEYS[status]);
