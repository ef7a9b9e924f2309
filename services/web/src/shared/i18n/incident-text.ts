import type { IncidentKind } from '@ronde/contracts';
import { defineMessages, type Translation } from './messages.ts';

const nl = {
  assetFull: 'bak vol',
  sensorSilent: 'sensor stil',
  sensorDisagrees: 'sensor spreekt ploeg tegen',
  crewProblem: 'probleem van ploeg',
  stopBlocked: 'stop niet bereikbaar',
  vehicleOut: 'voertuig uit dienst',
  deviceHealth: 'sensor vraagt aandacht',
  fire: 'mogelijk brand',
  typeRolledBack: 'sensortype teruggedraaid',
  platform: 'platform vraagt aandacht',
} as const;

const en = {
  assetFull: 'bin full',
  sensorSilent: 'sensor silent',
  sensorDisagrees: 'sensor contradicts crew',
  crewProblem: 'problem from crew',
  stopBlocked: 'stop cannot be reached',
  vehicleOut: 'vehicle out of service',
  deviceHealth: 'sensor needs attention',
  fire: 'fire suspected',
  typeRolledBack: 'sensor type rolled back',
  platform: 'platform needs attention',
} as const satisfies Translation<typeof nl>;

const text = defineMessages(nl, en);

const KEYS = {
  'asset-full': 'assetFull',
  'sensor-silent': 'sensorSilent',
  'sensor-disagrees': 'sensorDisagrees',
  'crew-problem': 'crewProblem',
  'stop-blocked': 'stopBlocked',
  'vehicle-out': 'vehicleOut',
  'device-health': 'deviceHealth',
  fire: 'fire',
  'type-rolled-back': 'typeRolledBack',
  platform: 'platform',
} as const satisfies Record<IncidentKind, keyof typeof nl>;

/** Names a kind of incident. */
export const incidentName = (kind: IncidentKind): string => text(KEYS[kind]);
