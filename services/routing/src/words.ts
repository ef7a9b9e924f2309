import type { LeftOut, StopWhy } from '@ronde/contracts';
import type { Reason, Relaxation } from '@ronde/solver';

type Remedy = NonNullable<LeftOut['remedy']>;

/** Says in English why a stop is in the round; screens say it in the reader's language from `why`. */
export function sayWhy(why: StopWhy): string {
  const fill = why.fill === undefined ? '' : `${Math.round(why.fill * 100)} % full`;
  const risk = why.risk === undefined ? '' : `${Math.round(why.risk * 100)} % chance to overflow before the next visit`;
  switch (why.code) {
    case 'full':
      return `${fill}: needs emptying now`;
    case 'risk':
      return [fill, risk].filter(Boolean).join(', ');
    case 'on-the-way':
      return `${fill}, on the way${why.detourM === undefined ? '' : ` (+${Math.round(why.detourM)} m)`}`;
    case 'reported':
      return 'reported full by a person';
    case 'tip-load':
      return 'tip the load';
    case 'kept':
      return [fill, 'kept from the earlier version'].filter(Boolean).join(', ');
    case 'dwell':
      return [fill, 'has waited as long as it may'].filter(Boolean).join(', ');
    case 'charge':
      return 'charge the battery';
  }
}

const LEFT_OUT_TEXT: Record<NonNullable<LeftOut['code']>, string> = {
  'can-wait': 'can wait: it will not be full before the next visit',
  'too-far-for-its-risk': 'the detour costs more than the risk it takes away',
  'no-vehicle-fits': 'no vehicle on duty takes its fraction and lift type',
  'no-time': 'does not fit into the shifts that are left',
  'no-capacity': 'does not fit into the vehicles and trips that are left',
  closed: 'closed during the shifts on duty',
  unreachable: 'cannot be reached by road',
  'no-reading': 'its sensor has not reported yet',
  resting: 'a crew was there not long ago',
  declined: 'the crew of the vehicle that could come declined it',
  'change-limit': 'taking it would change more of the rounds under way than crews should bear',
  'road-closed': 'the road there is closed',
};

/** Says in English why an asset is left out. */
export function sayLeftOut(code: NonNullable<LeftOut['code']>, detail?: string): string {
  return detail ? `${LEFT_OUT_TEXT[code]} (${detail})` : LEFT_OUT_TEXT[code];
}

/** The solver's codes in the words of contracts. */
const LEFT_OUT_CODES: Record<Reason['code'], NonNullable<LeftOut['code']>> = {
  WORTH_ITS_PRIZE: 'too-far-for-its-risk',
  AREA_DUE: 'too-far-for-its-risk',
  NOT_WORTH_ITS_PRIZE: 'too-far-for-its-risk',
  NOT_CHOSEN: 'too-far-for-its-risk',
  UNREACHABLE: 'unreachable',
  NO_VEHICLES: 'no-vehicle-fits',
  VEHICLE_NOT_ALLOWED: 'no-vehicle-fits',
  NO_SITE_FOR_FRACTION: 'no-vehicle-fits',
  OVER_CAPACITY: 'no-capacity',
  WINDOW_MISSED: 'closed',
  SHIFT_EXCEEDED: 'no-time',
  DURATION_EXCEEDED: 'no-time',
  BREAK_MISSING: 'no-time',
  BATTERY_EMPTY: 'no-time',
  OVERLOAD_RISK: 'no-capacity',
  NO_COMPARTMENT: 'no-capacity',
  TOO_UNFAMILIAR: 'no-vehicle-fits',
};

/** Says why the solver left a stop out, and what would serve it or what serving it would cost. */
export function explainLeftOut(
  reason: Reason | undefined,
  vehicleNames: readonly string[],
  /** The plan has changed as much as it may: a stop that would pay is left out for that. */
  isSpent = false,
): Omit<LeftOut, 'assetId'> {
  const isHeldBack = isSpent && (reason?.code ?? 'NOT_CHOSEN') === 'NOT_CHOSEN';
  const code = isHeldBack ? 'change-limit' : LEFT_OUT_CODES[reason?.code ?? 'NOT_CHOSEN'];
  const remedy = reason?.relaxation && remedyOf(reason.relaxation, vehicleNames);
  const price = remedy || !reason ? undefined : priceOf(reason);
  const detail = remedy ? sayRemedy(remedy) : price && sayPrice(price);
  return { code, reason: sayLeftOut(code, detail), ...(remedy && { remedy }), ...(price && { price }) };
}

function remedyOf({ code, amount, unit, vehicle }: Relaxation, names: readonly string[]): Remedy {
  const name = names[vehicle] ?? 'a vehicle';
  const minutes = Math.max(1, Math.ceil(amount / 60));
  if (code === 'SHIFT_EXCEEDED' || code === 'DURATION_EXCEEDED') return { code: 'overtime', vehicle: name, minutes };
  if (code === 'WINDOW_MISSED') return { code: 'longer-hours', vehicle: name, minutes };
  if (code === 'NO_SITE_FOR_FRACTION') return { code: 'disposal-site', vehicle: name };
  return { code: unit === 'load' ? 'more-room' : 'this-vehicle', vehicle: name };
}

function priceOf({ addedCost, addedDistanceM = 0, prize }: Reason): LeftOut['price'] {
  if (addedCost === undefined || prize === undefined) return undefined;
  return { costEur: Math.round(addedCost) / 100, distanceM: addedDistanceM, riskEur: Math.round(prize) / 100 };
}

function sayPrice({ costEur, distanceM, riskEur }: NonNullable<LeftOut['price']>): string {
  const km = (distanceM / 1000).toFixed(1);
  return `serving it adds € ${costEur.toFixed(2)} and ${km} km, leaving it risks € ${riskEur.toFixed(2)}`;
}

function sayRemedy({ code, vehicle, minutes }: Remedy): string {
  switch (code) {
    case 'overtime':
      return `+${minutes} min overtime on ${vehicle} would serve it`;
    case 'longer-hours':
      return `opening ${minutes} min longer would let ${vehicle} serve it`;
    case 'disposal-site':
      return `a disposal site that takes its fraction would let ${vehicle} serve it`;
    case 'more-room':
      return `more room on ${vehicle} would serve it`;
    case 'this-vehicle':
      return `allowing ${vehicle} would serve it`;
  }
}
