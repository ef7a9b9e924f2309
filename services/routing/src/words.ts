import type { LeftOut, StopWhy } from '@ronde/contracts';

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
};

/** Says in English why an asset is left out. */
export function sayLeftOut(code: NonNullable<LeftOut['code']>, detail?: string): string {
  return detail ? `${LEFT_OUT_TEXT[code]} (${detail})` : LEFT_OUT_TEXT[code];
}
