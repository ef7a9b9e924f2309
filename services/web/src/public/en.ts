import type { Translation } from '../shared/i18n/messages.ts';
import type { nl } from './nl.ts';

export const en = {
  title: 'Clean streets, no detours',
  lead: 'Sensors measure how full litter bins and containers are. Ronde forecasts when they will be full and plans the cleaning rounds: where it is needed, and not where it is not.',
  measureTitle: 'What is measured',
  measureFill: 'The fill level: a sensor under the lid measures the distance to the waste.',
  measureHealth: 'The state of the sensor itself: battery, reception, tilt and temperature.',
  measureNot: 'No images, no sound of people, no phones. Personal data is not needed and not collected.',
  whyTitle: 'Why',
  whyFull: 'Fewer full bins: a bin that is nearly full gets into a round today.',
  whyKm: 'Fewer kilometres: a half-empty bin can wait.',
  whyHonest: 'Explainable: every stop says in plain words why it is there, and how sure the forecast is.',
  crewTitle: 'People have the final say',
  crewText:
    'The crew sees the round on a tablet, can skip with a reason and reports what the sensor cannot see. Positions of workers are not tracked.',
  linksTitle: 'Go on',
  linkOps: 'Operations',
  linkOpsText: 'Map, fill levels, rounds and alarms. Sign-in needed.',
  linkCrew: 'Crew tablet',
  linkCrewText: 'Today’s round, also out of coverage. Sign-in needed.',
  linkDocs: 'Open interface',
  linkDocsText: 'The API with all its fields, for those who want to connect.',
} as const satisfies Translation<typeof nl>;
