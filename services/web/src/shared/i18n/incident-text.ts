import type { IncidentKind } from '@ronde/contracts';
import { language } from './language.ts';
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

/** What it means when a part of the platform is not well; English readers get the server's sentence, which says more. */
const PARTS_IN_DUTCH: Record<string, string> = {
  registry: 'het register (sensoren, bakken, rondes) is niet bereikbaar',
  readings: 'de opslag van metingen is niet bereikbaar',
  bus: 'de verbinding tussen de processen is weg',
  bridge: 'de broker die gevolgd wordt is niet bereikbaar',
  broker: 'sensoren kunnen zich niet aanmelden',
  ingest: 'berichten wachten, of metingen worden niet opgeslagen',
  inbox: 'berichten kunnen niet bewaard worden; sensoren proberen het opnieuw',
  shipping: 'de tweede plaats van berichten loopt achter',
  disk: 'de schijf is bijna vol',
  certificate: 'het TLS-certificaat verloopt, of is niet te lezen',
  heartbeat: 'een bericht van onszelf werd geen meting',
};

/** Says what is wrong with a part of the platform; where several processes run, the part's name goes on with the place. */
export function sayPart(part: string | undefined, text: string): string {
  const dutch = language.value === 'nl' ? PARTS_IN_DUTCH[part?.split(' ', 1)[0] ?? ''] : undefined;
  return dutch === undefined ? text : `${dutch} (${text})`;
}
