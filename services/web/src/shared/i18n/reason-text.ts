import type { LeftOut, RemedyCode, Stop, StopWhy } from '@ronde/contracts';
import { formatDistance, formatEuro, formatMoment, formatPercent, formatTime } from './format.ts';
import { serverNow } from '../live/server-clock.ts';
import { defineMessages, type Translation } from './messages.ts';

const nl = {
  whyFull: '{fill} vol: moet nu geleegd',
  whyRisk: '{fill} vol, {risk} kans op overlopen vóór het volgende bezoek',
  whyRiskFullAt: '{fill} vol, {risk} kans op overlopen; vol rond {time}',
  whyOnTheWay: '{fill} vol, ligt op de route',
  whyDetour: '{fill} vol, ligt op de route (+{detour})',
  whyReported: 'door iemand vol gemeld',
  whyTipLoad: 'lading storten',
  whyKept: '{fill} vol, bleef staan uit de vorige versie',
  whyDwell: '{fill} vol, wacht al zo lang als het mag',
  whyCharge: 'accu laden',
  leftCanWait: 'kan wachten: raakt niet vol vóór het volgende bezoek',
  leftTooFar: 'omweg weegt niet op tegen het risico',
  leftNoVehicle: 'geen dienstdoend voertuig kan deze bak legen',
  leftNoTime: 'past niet in de resterende diensten',
  leftNoCapacity: 'past niet in de resterende voertuigen en ritten',
  leftClosed: 'gesloten tijdens de diensten',
  leftUnreachable: 'over de weg niet bereikbaar',
  leftNoReading: 'sensor heeft nog niets gemeld',
  leftResting: 'er was net een ploeg',
  leftDeclined: 'de ploeg heeft deze stop geweigerd',
  leftChangeLimit: 'zou te veel veranderen aan de lopende rondes',
  leftRoadClosed: 'de weg is afgesloten',
  remedyOvertime: '{vehicle} kan het met {minutes} min. overwerk',
  remedyHours: '{vehicle} kan het als de plek {minutes} min. langer open is',
  remedySite: '{vehicle} kan het met een stortplaats voor deze afvalsoort',
  remedyRoom: '{vehicle} kan het met meer laadruimte',
  remedyVehicle: '{vehicle} zou het kunnen als dat mag',
  leftPrice: 'legen kost {cost} en {distance} extra, laten staan riskeert {risk}',
  fillUnknown: 'onbekend hoe',
} as const;

const en = {
  whyFull: '{fill} full: needs emptying now',
  whyRisk: '{fill} full, {risk} chance to overflow before the next visit',
  whyRiskFullAt: '{fill} full, {risk} chance to overflow; full around {time}',
  whyOnTheWay: '{fill} full, on the way',
  whyDetour: '{fill} full, on the way (+{detour})',
  whyReported: 'reported full by a person',
  whyTipLoad: 'tip the load',
  whyKept: '{fill} full, kept from the earlier version',
  whyDwell: '{fill} full, has waited as long as it may',
  whyCharge: 'charge the battery',
  leftCanWait: 'can wait: not full before the next visit',
  leftTooFar: 'the detour costs more than the risk it takes away',
  leftNoVehicle: 'no vehicle on duty can empty it',
  leftNoTime: 'does not fit into the shifts that are left',
  leftNoCapacity: 'does not fit into the vehicles and trips that are left',
  leftClosed: 'closed during the shifts on duty',
  leftUnreachable: 'cannot be reached by road',
  leftNoReading: 'its sensor has not reported yet',
  leftResting: 'a crew has just been there',
  leftDeclined: 'the crew declined this stop',
  leftChangeLimit: 'would change too much of the rounds under way',
  leftRoadClosed: 'the road is closed',
  remedyOvertime: '{vehicle} could with {minutes} min overtime',
  remedyHours: '{vehicle} could if the place were open {minutes} min longer',
  remedySite: '{vehicle} could with a disposal site that takes its fraction',
  remedyRoom: '{vehicle} could with more room',
  remedyVehicle: '{vehicle} could if it were allowed to',
  leftPrice: 'emptying it adds {cost} and {distance}, leaving it risks {risk}',
  fillUnknown: 'unknown how',
} as const satisfies Translation<typeof nl>;

const text = defineMessages(nl, en);

/** Says in the reader's language why a stop is in its round; the server's English when it gave no code. */
export function sayReason(stop: Pick<Stop, 'reason' | 'why'>): string {
  const { why } = stop;
  if (!why) return stop.reason;
  const fill = why.fill === undefined ? text('fillUnknown') : formatPercent(why.fill);
  switch (why.code) {
    case 'full':
      return text('whyFull', { fill });
    case 'risk':
      return sayRisk(why, fill);
    case 'on-the-way':
      if (why.detourM === undefined) return text('whyOnTheWay', { fill });
      return text('whyDetour', { fill, detour: formatDistance(why.detourM) });
    case 'reported':
      return text('whyReported');
    case 'tip-load':
      return text('whyTipLoad');
    case 'kept':
      return text('whyKept', { fill });
    case 'dwell':
      return text('whyDwell', { fill });
    case 'charge':
      return text('whyCharge');
  }
}

function sayRisk(why: StopWhy, fill: string): string {
  const risk = formatPercent(why.risk ?? 0);
  if (!why.fullAt) return text('whyRisk', { fill, risk });
  return text('whyRiskFullAt', { fill, risk, time: formatTime(Date.parse(why.fullAt), serverNow()) });
}

const LEFT_KEYS = {
  'can-wait': 'leftCanWait',
  'too-far-for-its-risk': 'leftTooFar',
  'no-vehicle-fits': 'leftNoVehicle',
  'no-time': 'leftNoTime',
  'no-capacity': 'leftNoCapacity',
  closed: 'leftClosed',
  unreachable: 'leftUnreachable',
  'no-reading': 'leftNoReading',
  resting: 'leftResting',
  declined: 'leftDeclined',
  'change-limit': 'leftChangeLimit',
  'road-closed': 'leftRoadClosed',
} as const satisfies Record<NonNullable<LeftOut['code']>, keyof typeof nl>;

const REMEDY_KEYS = {
  overtime: 'remedyOvertime',
  'longer-hours': 'remedyHours',
  'disposal-site': 'remedySite',
  'more-room': 'remedyRoom',
  'this-vehicle': 'remedyVehicle',
} as const satisfies Record<RemedyCode, keyof typeof nl>;

/** Says in the reader's language why an asset was left out of a plan, with what would serve it or what that would cost. */
export function sayLeftOut({ code, reason, remedy, price }: LeftOut): string {
  if (!code) return reason;
  const why = text(LEFT_KEYS[code]);
  if (remedy) {
    const { vehicle, minutes = 0 } = remedy;
    return `${why}; ${text(REMEDY_KEYS[remedy.code], { vehicle, minutes })}`;
  }
  if (!price) return why;
  const { costEur, distanceM, riskEur } = price;
  const values = { cost: formatEuro(costEur), distance: formatDistance(distanceM), risk: formatEuro(riskEur) };
  return `${why}: ${text('leftPrice', values)}`;
}

/** Gives an arrival with its full moment for a tooltip. */
export function etaWords(eta: string, nowMs: number): { text: string; title: string } {
  const atMs = Date.parse(eta);
  return { text: formatTime(atMs, nowMs), title: formatMoment(atMs) };
}
