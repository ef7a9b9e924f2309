import type { DeviceHealth, HealthIssueKind } from '@ronde/contracts';
import { defineMessages, type Translation } from './messages.ts';

const nl = {
  silent: 'zwijgt',
  silentDo: 'Kijk of de sensor er hangt, of de batterij leeg is en of er bereik is.',
  losing: 'verliest berichten',
  losingDo: 'Verplaats de antenne of zet een gateway in de buurt.',
  battery: 'batterij bijna leeg',
  batteryDo: 'Plan een nieuwe batterij.',
  stuck: 'meet steeds precies hetzelfde',
  stuckDo: 'Maak de sensor schoon of wissel hem om.',
  blocked: 'zicht geblokkeerd',
  blockedDo: 'Haal weg wat voor de sensor zit.',
  tilted: 'hangt scheef',
  tiltedDo: 'Zet de bak of de sensor recht.',
  fire: 'temperatuur stijgt als bij brand',
  fireDo: 'Bel de brandweer of stuur meteen iemand.',
  crossed: 'hangt op een andere bak dan hier staat',
  crossedDo: 'Zet de sensor hier op de bak waar hij echt hangt.',
  clock: 'klok loopt verkeerd',
  clockDo: 'Laat de sensor opnieuw aanmelden bij het netwerk, of zet zijn klok.',
  calibrate: 'afstanden kloppen niet met de legingen',
  calibrateDo: 'Neem de voorgestelde afstanden over.',
  codec: 'berichten zijn niet te lezen',
  codecDo: 'Controleer het sensortype en de firmware van de sensor.',
  statusOk: 'goed',
  statusAttention: 'aandacht',
  statusBad: 'slecht',
  statusUnknown: 'onbekend',
} as const;

const en = {
  silent: 'silent',
  silentDo: 'See whether the sensor is there, its battery is empty, and there is coverage.',
  losing: 'loses messages',
  losingDo: 'Move the antenna or add a gateway nearby.',
  battery: 'battery almost empty',
  batteryDo: 'Plan a new battery.',
  stuck: 'measures exactly the same again and again',
  stuckDo: 'Clean the sensor or swap it.',
  blocked: 'view blocked',
  blockedDo: 'Take away what is in front of the sensor.',
  tilted: 'tilted',
  tiltedDo: 'Set the bin or the sensor upright.',
  fire: 'temperature climbs as in a fire',
  fireDo: 'Call the fire brigade or send somebody at once.',
  crossed: 'hangs on another bin than is registered',
  crossedDo: 'Register it on the bin where it really hangs.',
  clock: 'clock is wrong',
  clockDo: 'Have the sensor join its network again, or set its clock.',
  calibrate: 'distances do not fit the emptyings',
  calibrateDo: 'Take over the suggested distances.',
  codec: 'messages cannot be read',
  codecDo: 'Check the sensor type and the firmware of the sensor.',
  statusOk: 'good',
  statusAttention: 'attention',
  statusBad: 'bad',
  statusUnknown: 'unknown',
} as const satisfies Translation<typeof nl>;

const text = defineMessages(nl, en);

const ISSUE_KEYS = {
  silent: 'silent',
  'losing-uplinks': 'losing',
  'battery-low': 'battery',
  stuck: 'stuck',
  blocked: 'blocked',
  tilted: 'tilted',
  fire: 'fire',
  'cross-mounted': 'crossed',
  'clock-wrong': 'clock',
  calibrate: 'calibrate',
  'codec-faults': 'codec',
} as const satisfies Record<HealthIssueKind, keyof typeof nl>;

const STATUS_KEYS = {
  ok: 'statusOk',
  attention: 'statusAttention',
  bad: 'statusBad',
  unknown: 'statusUnknown',
} as const satisfies Record<DeviceHealth['status'], keyof typeof nl>;

/** Says what is wrong with a device, what to do about it, and how it does as a whole. */
export const issueName = (kind: HealthIssueKind): string => text(ISSUE_KEYS[kind]);
export const issueRemedy = (kind: HealthIssueKind): string => text(`${ISSUE_KEYS[kind]}Do`);
export const healthName = (status: DeviceHealth['status']): string => text(STATUS_KEYS[status]);
