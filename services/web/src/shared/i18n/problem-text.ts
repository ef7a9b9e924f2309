import type { ErrorCode, Problem } from '@ronde/contracts';
import { language } from './language.ts';

/**
 * What each code of the server means to a Dutch reader, and what to do. English needs no catalogue: the server speaks
 * it, and says more than a code can.
 */
const DUTCH: Record<ErrorCode, readonly [what: string, remedy: string]> = {
  INPUT_INVALID: ['De gegevens kloppen niet.', 'Verbeter de genoemde velden en probeer het opnieuw.'],
  TOKEN_MISSING: [
    'Hiervoor moet u aangemeld zijn.',
    'Open de link met een token, of vraag een beheerder om een token.',
  ],
  TOKEN_UNKNOWN: ['Dit token geldt niet (meer).', 'Vraag een beheerder om een nieuw token.'],
  ROLE_INSUFFICIENT: ['Dit token mag dit niet.', 'Gebruik een token met een rol die dit wel mag.'],
  RESOURCE_UNKNOWN: ['Dit bestaat niet (meer).', 'Controleer de naam, of kies het uit de lijst.'],
  RESOURCE_EXISTS: ['Deze naam bestaat al.', 'Kies een andere naam, of wijzig wat er al is.'],
  IDEMPOTENCY_CONFLICT: [
    'Deze opdracht is al met andere gegevens gegeven.',
    'Laad de pagina opnieuw en begin opnieuw.',
  ],
  STATE_CONFLICT: ['Dat kan nu niet: de toestand is intussen anders.', 'Laad de pagina opnieuw en kijk wat er nu kan.'],
  VERSION_CONFLICT: [
    'Iemand anders heeft dit intussen gewijzigd.',
    'Laad de pagina opnieuw en doe uw wijziging nogmaals.',
  ],
  BODY_TOO_LARGE: ['Dit is te groot om in één keer te sturen.', 'Splits het bestand of bericht.'],
  MEDIA_UNSUPPORTED: ['Deze soort gegevens wordt hier niet gelezen.', 'Stuur JSON, of bij een lijst CSV of XLSX.'],
  RATE_EXCEEDED: ['Het is nu te druk.', 'Wacht even en probeer het opnieuw.'],
  STORAGE_UNAVAILABLE: [
    'Er kan nu niets bewaard worden; er is niets aangenomen.',
    'Controleer de vrije schijfruimte en de rechten op DATA_DIR.',
  ],
  READINGS_UNREACHABLE: ['De metingen zijn nu niet bereikbaar.', 'Controleer READINGS_URL en of de opslag draait.'],
  REGISTRY_UNREACHABLE: ['Het register is nu niet bereikbaar.', 'Controleer REGISTRY_URL en of de opslag draait.'],
  DATA_DIR_LOCKED: ['Een ander proces gebruikt deze DATA_DIR.', 'Stop dat proces, of kies een andere DATA_DIR.'],
  SCHEMA_NEWER: ['De opslag is van een nieuwere Ronde.', 'Start die versie, of zet een reservekopie terug.'],
  STORE_CORRUPT: ['De opslag is beschadigd.', 'Draai "ronde doctor" en zet zo nodig de laatste reservekopie terug.'],
  TRAVEL_UNREACHABLE: ['De routedienst antwoordt niet.', 'Controleer TRAVEL_URL en of die dienst draait.'],
  TRAVEL_REFUSED: ['De routedienst weigert deze vraag.', 'Pas de instelling van die dienst aan; de melding noemt ze.'],
  TRAVEL_FILE_UNREADABLE: [
    'De wegenkaart kan niet worden gelezen.',
    'Zet een heel .osm.pbf-bestand op de plek die TRAVEL_URL noemt; "ronde doctor" zegt wat eraan schort.',
  ],
  BUS_UNREACHABLE: ['De verbinding tussen de processen is weg.', 'Controleer BUS_URL en of die server draait.'],
  UPLINK_TAKEN: ['Een ander proces heeft dit bericht al bewaard.', 'U hoeft niets te doen.'],
  LEASE_LOST: ['Een ander proces heeft dit werk overgenomen.', 'U hoeft niets te doen.'],
  CONFIG_INVALID: ['De instellingen kloppen niet.', 'Verbeter de genoemde variabelen; docs/config.md beschrijft ze.'],
  ROLES_IMPOSSIBLE: [
    'Deze rollen kunnen zo niet samenwerken.',
    'Geef een BUS_URL en REGISTRY_URL die processen delen, of start alle rollen samen.',
  ],
  INTERNAL: ['Er ging bij ons iets mis.', 'Probeer het opnieuw; blijft het, zoek dan in het log.'],
  ENVELOPE_UNKNOWN: [
    'De vorm van dit bericht is onbekend.',
    'Controleer het onderwerp (topic) en de bron van de webhook.',
  ],
  PAYLOAD_MALFORMED: [
    'Dit bericht is niet te lezen.',
    'Vergelijk het met het voorbeeld van zijn bron, herstel de afzender en verwerk het opnieuw.',
  ],
  DEVICE_UNKNOWN: ['Deze sensor is niet bekend.', 'Voeg de sensor met deze devEUI of naam toe en verwerk het opnieuw.'],
  SENSOR_TYPE_UNKNOWN: [
    'Dit sensortype is niet bekend.',
    'Geef de sensor een bekend type, of voeg het type toe, en verwerk het opnieuw.',
  ],
  CODEC_FAULT: [
    'De decoder kan deze bytes niet lezen.',
    'Vergelijk poort en sensortype met het gegevensblad, herstel de decoder en verwerk het opnieuw.',
  ],
  DOWNLINK_IMPOSSIBLE: [
    'Deze instelling kan zo niet verstuurd worden.',
    'Kies een instelling die het type kent, binnen de genoemde grenzen.',
  ],
  NETWORK_UNREACHABLE: [
    'De netwerkserver is niet bereikbaar.',
    'Controleer adres en sleutel van de koppeling, en of de server antwoordt.',
  ],
  PLAN_IMPOSSIBLE: [
    'Zo is er geen plan te maken.',
    'Zorg voor ten minste één voertuig met een depot en een dienst in deze tijd.',
  ],
};

/** What went wrong, what to do, and the server's own English words where those are not already the first. */
export interface ProblemWords {
  what: string;
  remedy: string;
  /** To be marked `lang="en"`. */
  server: string | undefined;
}

/** Says a refusal in the reader's language, by its code; a code we do not know keeps the server's words. */
export function sayProblem({ code, detail, remedy }: Pick<Problem, 'code' | 'detail' | 'remedy'>): ProblemWords {
  const dutch = language.value === 'nl' && Object.hasOwn(DUTCH, code) ? DUTCH[code as ErrorCode] : undefined;
  if (!dutch) return { what: detail, remedy, server: undefined };
  return { what: dutch[0], remedy: dutch[1], server: detail };
}

/** The same in one line, for where there is room for no more. */
export function problemLine(problem: Pick<Problem, 'code' | 'detail' | 'remedy'>): string {
  const { what, remedy, server } = sayProblem(problem);
  return [what.replace(/\.$/, ''), server && `(${server})`].filter(Boolean).join(' ') + `. ${remedy}`.trimEnd();
}
