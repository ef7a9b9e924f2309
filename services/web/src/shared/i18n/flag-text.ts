import type { ReadingFlag } from '@ronde/contracts';
import { defineMessages, type Translation } from './messages.ts';

const nl = {
  CLOCK_IMPLAUSIBLE: 'onmogelijke tijd',
  OUT_OF_RANGE: 'buiten het bereik',
  SENTINEL: 'code voor ‘geen waarde’',
  BLIND_ZONE: 'in de dode zone van de sensor',
  TILTED: 'sensor hangt scheef',
  SATURATED: 'aan het eind van het bereik',
  SPIKE: 'uitschieter',
  FEW_SAMPLES: 'uit weinig metingen',
  GEOMETRY_MISSING: 'afstanden niet ingesteld',
  CREW_EMPTIED: 'door ploeg geleegd',
  CREW_FULL: 'door ploeg vol gemeld',
  DERIVED: 'berekend',
  REPLAYED: 'herlezen',
  HISTORY: 'ingelezen historie',
  COUNTER_RESET: 'teller opnieuw begonnen',
  UNREADABLE: 'onleesbaar',
  NO_TARGET: 'geen echo',
  TOO_CLOSE: 'te dichtbij',
  TOO_FAR: 'te ver weg',
  SENSOR_FAULT: 'storing in de sensor',
  LID_OPEN: 'deksel open',
  STUCK: 'blijft gelijk',
  DEVICE_COMPUTED: 'door de sensor berekend',
  BACKFILLED: 'nagezonden',
  CORRECTED: 'gecorrigeerd',
  CANARY: 'met een versie op proef',
  BATTERY_LOW: 'batterij bijna leeg',
  RETIRED: 'sensor afgevoerd',
  SCATTERED: 'metingen lopen uiteen',
  MAPPING_DOUBTFUL: 'betekenis onzeker',
} as const satisfies Record<ReadingFlag, string>;

const en = {
  CLOCK_IMPLAUSIBLE: 'impossible time',
  OUT_OF_RANGE: 'out of range',
  SENTINEL: 'code for “no value”',
  BLIND_ZONE: 'within the blind zone',
  TILTED: 'sensor tilted',
  SATURATED: 'at the end of its range',
  SPIKE: 'outlier',
  FEW_SAMPLES: 'from few samples',
  GEOMETRY_MISSING: 'distances not set',
  CREW_EMPTIED: 'emptied by crew',
  CREW_FULL: 'reported full by crew',
  DERIVED: 'derived',
  REPLAYED: 'replayed',
  HISTORY: 'imported history',
  COUNTER_RESET: 'counter began anew',
  UNREADABLE: 'unreadable',
  NO_TARGET: 'no echo',
  TOO_CLOSE: 'too close',
  TOO_FAR: 'too far',
  SENSOR_FAULT: 'fault in the sensor',
  LID_OPEN: 'lid open',
  STUCK: 'does not change',
  DEVICE_COMPUTED: 'computed by the sensor',
  BACKFILLED: 'sent afterwards',
  CORRECTED: 'corrected',
  CANARY: 'by a canary version',
  BATTERY_LOW: 'battery almost empty',
  RETIRED: 'sensor retired',
  SCATTERED: 'samples lie far apart',
  MAPPING_DOUBTFUL: 'meaning uncertain',
} as const satisfies Translation<typeof nl>;

const text = defineMessages(nl, en);

/** Says why a reading is not plainly ok, or where it came from. */
export const flagName = (flag: ReadingFlag): string => text(flag);
export const flagNames = (flags: readonly ReadingFlag[]): string => flags.map(flagName).join(', ');
