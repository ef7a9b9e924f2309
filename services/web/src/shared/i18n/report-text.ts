import type { CrewEventAck, CrewEventKind, RoundBreak, RoundChange, SkipReason, StopConflict } from '@ronde/contracts';
import { serverNow } from '../live/server-clock.ts';
import { formatTime } from './format.ts';
import { language } from './language.ts';
import { defineMessages, type Translation } from './messages.ts';
import { sayReason } from './reason-text.ts';

const nl = {
  reasonNotFull: 'Niet vol',
  reasonBlocked: 'Niet bereikbaar',
  reasonClosed: 'Gesloten',
  reasonNoTime: 'Geen tijd',
  reasonUnsafe: 'Onveilig',
  reasonOtherCrew: 'Iets voor een andere ploeg',
  kindArrived: 'Aangekomen',
  kindEmptied: 'Geleegd',
  kindSkipped: 'Overgeslagen',
  kindDeclined: 'Geweigerd',
  kindRested: 'Pauze gehad',
  kindProblem: 'Probleem',
  kindFull: 'Vol gemeld',
  conflictBefore: 'Om {time} gemeld: {said}. Maar om {emptied} was hier al geleegd; dat blijft staan.',
  conflictBeforeUntimed: 'Om {time} gemeld: {said}. Maar hier was al geleegd; dat blijft staan.',
  conflictAgain: 'Om {time} nog eens als geleegd gemeld; om {emptied} was hier al geleegd.',
  conflictElsewhere: 'Om {time} al geleegd door {vehicle}.',
  faultRound: 'deze ronde is niet bekend',
  faultCrew: 'deze ronde is van een andere ploeg',
  faultStop: 'deze stop heeft nooit in de ronde gestaan',
  faultAsset: 'deze bak hoort niet bij deze stop',
  changeAdded: '{place}: nieuw, stop {seq} om {time}: {reason}',
  changeTaken: '{place}: overgenomen van {vehicle}, stop {seq} om {time}',
  changeRemoved: '{place}: vervallen',
  changeGiven: '{place}: gaat naar {vehicle}',
  changeMoved: '{place}: verplaatst, nu stop {seq} om {time}',
  changeRetimed: '{place}: om {time} in plaats van {before}',
  changeBreak: 'Pauze om {time}, {where} {place}',
  changeBreakMoved: 'Pauze om {time} in plaats van {before}, {where} {place}',
  breakBefore: 'vóór',
  breakAfter: 'na',
  breakPlanned: 'Pauze {from}–{to}',
  breakTaken: 'Pauze gehad {from}–{to}',
} as const;

const en = {
  reasonNotFull: 'Not full',
  reasonBlocked: 'Cannot be reached',
  reasonClosed: 'Closed',
  reasonNoTime: 'No time',
  reasonUnsafe: 'Unsafe',
  reasonOtherCrew: 'For another crew',
  kindArrived: 'Arrived',
  kindEmptied: 'Emptied',
  kindSkipped: 'Skipped',
  kindDeclined: 'Declined',
  kindRested: 'Had a break',
  kindProblem: 'Problem',
  kindFull: 'Reported full',
  conflictBefore: 'Reported at {time}: {said}. But it had been emptied at {emptied}, and that stands.',
  conflictBeforeUntimed: 'Reported at {time}: {said}. But it had been emptied, and that stands.',
  conflictAgain: 'Reported emptied once more at {time}; it had been emptied at {emptied}.',
  conflictElsewhere: 'Emptied by {vehicle} at {time} already.',
  faultRound: 'this round is not known',
  faultCrew: 'this round belongs to another crew',
  faultStop: 'this stop was never in the round',
  faultAsset: 'this bin is not at this stop',
  changeAdded: '{place}: new, stop {seq} at {time}: {reason}',
  changeTaken: '{place}: taken over from {vehicle}, stop {seq} at {time}',
  changeRemoved: '{place}: dropped',
  changeGiven: '{place}: goes to {vehicle}',
  changeMoved: '{place}: moved, now stop {seq} at {time}',
  changeRetimed: '{place}: at {time} instead of {before}',
  changeBreak: 'Break at {time}, {where} {place}',
  changeBreakMoved: 'Break at {time} instead of {before}, {where} {place}',
  breakBefore: 'before',
  breakAfter: 'after',
  breakPlanned: 'Break {from}–{to}',
  breakTaken: 'Had a break {from}–{to}',
} as const satisfies Translation<typeof nl>;

const text = defineMessages(nl, en);

const REASON_KEYS = {
  'not-full': 'reasonNotFull',
  blocked: 'reasonBlocked',
  closed: 'reasonClosed',
  'no-time': 'reasonNoTime',
  unsafe: 'reasonUnsafe',
  'other-crew': 'reasonOtherCrew',
} as const satisfies Record<SkipReason, keyof typeof nl>;
const KIND_KEYS = {
  arrived: 'kindArrived',
  emptied: 'kindEmptied',
  skipped: 'kindSkipped',
  problem: 'kindProblem',
  full: 'kindFull',
  declined: 'kindDeclined',
  rested: 'kindRested',
} as const satisfies Record<CrewEventKind, keyof typeof nl>;
const FAULT_KEYS = {
  'round-unknown': 'faultRound',
  'other-crew': 'faultCrew',
  'stop-unknown': 'faultStop',
  'asset-not-here': 'faultAsset',
} as const satisfies Record<NonNullable<CrewEventAck['faultCode']>, keyof typeof nl>;

/** Names why a crew skipped or declined, and what it told; capitalised, as on a button. */
export const skipReasonName = (reason: SkipReason): string => text(REASON_KEYS[reason]);
export const eventName = (kind: CrewEventKind): string => text(KIND_KEYS[kind]);

/** What a crew told, with its reason, within a sentence: "overgeslagen (niet vol)". */
export function sayEvent({ kind, reason }: { kind: string; reason?: string | undefined }): string {
  const lower = (said: string): string => said.toLocaleLowerCase(language.value);
  const what = isKey(KIND_KEYS, kind) ? lower(text(KIND_KEYS[kind])) : kind;
  if (reason === undefined) return what;
  return `${what} (${isKey(REASON_KEYS, reason) ? lower(text(REASON_KEYS[reason])) : reason})`;
}

/** Says in the reader's language how an event contradicts a stop; the server's English when it gave no code. */
export function sayConflict(conflict: StopConflict, vehicleName: (id: string) => string): string {
  const { code, deviceAt, emptiedAt, vehicleId = '' } = conflict;
  const time = clock(deviceAt);
  const emptied = clock(emptiedAt);
  switch (code) {
    case undefined:
      return conflict.text;
    case 'emptied-before':
      return emptiedAt === undefined
        ? text('conflictBeforeUntimed', { time, said: sayEvent(conflict) })
        : text('conflictBefore', { time, said: sayEvent(conflict), emptied });
    case 'emptied-again':
      return text('conflictAgain', { time, emptied });
    case 'emptied-elsewhere':
      return text('conflictElsewhere', { time, vehicle: vehicleName(vehicleId) });
  }
}

/** Says in the reader's language what differs between two versions of a round. */
export function sayChange(change: RoundChange): string {
  const { kind, place, vehicle, seq = 0, eta, etaBefore, breakPlace, why } = change;
  // of a server that told sentences only
  if (place === undefined) return change.text;
  const time = clock(eta);
  if (breakPlace) {
    const where = text(breakPlace === 'before' ? 'breakBefore' : 'breakAfter');
    if (etaBefore === undefined) return text('changeBreak', { time, where, place });
    return text('changeBreakMoved', { time, before: clock(etaBefore), where, place });
  }
  switch (kind) {
    case 'added':
      if (vehicle !== undefined) return text('changeTaken', { place, vehicle, seq, time });
      return text('changeAdded', { place, seq, time, reason: why ? sayReason({ reason: '', why }) : '–' });
    case 'removed':
      return vehicle === undefined ? text('changeRemoved', { place }) : text('changeGiven', { place, vehicle });
    case 'moved':
      return text('changeMoved', { place, seq, time });
    case 'retimed':
      return text('changeRetimed', { place, time, before: clock(etaBefore) });
  }
}

/** Says in the reader's language why the server did not take an event. */
export function sayEventFault({ fault = '', faultCode }: Pick<CrewEventAck, 'fault' | 'faultCode'>): string {
  return faultCode === undefined ? fault : text(FAULT_KEYS[faultCode]);
}

/** A break of a crew with its times. */
export function sayBreak({ startsAt, endsAt, taken }: RoundBreak): string {
  return text(taken ? 'breakTaken' : 'breakPlanned', { from: clock(startsAt), to: clock(endsAt) });
}

function clock(at: string | undefined): string {
  return at === undefined ? '–' : formatTime(Date.parse(at), serverNow());
}

function isKey<T extends object>(keys: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(keys, name);
}
