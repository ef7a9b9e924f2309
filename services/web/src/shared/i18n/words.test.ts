import { afterEach, describe, expect, test } from 'vitest';
import {
  ConflictCode,
  CrewEventAck,
  CrewEventKind,
  LeftOutCode,
  MoveObstacle,
  OffRoad,
  RemedyCode,
  RoundChange,
  SkipReason,
  StopWhy,
} from '@ronde/contracts';
import { offRoadName, offRoadRemedy, sayObstacle } from '../../ops/text.ts';
import { language, type Language } from './language.ts';
import { sayLeftOut, sayReason } from './reason-text.ts';
import { eventName, sayBreak, sayChange, sayConflict, sayEvent, sayEventFault, skipReasonName } from './report-text.ts';

afterEach(() => {
  language.value = 'nl';
});

const SERVER = 'the English of the server';
const at = '2026-01-05T08:30:00.000Z';
const sayIn = (chosen: Language, say: () => string): string => {
  language.value = chosen;
  return say();
};

/** Every code that the server may give, with how screens say it. */
const sentences: [kind: string, code: string, say: () => string][] = [
  ...StopWhy.shape.code.options.map((code): [string, string, () => string] => [
    'reason of a stop',
    code,
    () => sayReason({ reason: SERVER, why: { code, fill: 0.8, risk: 0.3, fullAt: at, detourM: 120 } }),
  ]),
  ...LeftOutCode.options.map((code): [string, string, () => string] => [
    'reason to leave out',
    code,
    () => sayLeftOut({ assetId: 'a', reason: SERVER, code }),
  ]),
  ...RemedyCode.options.map((code): [string, string, () => string] => [
    'remedy of what is left out',
    code,
    () =>
      sayLeftOut({ assetId: 'a', reason: SERVER, code: 'no-time', remedy: { code, vehicle: 'Wagen 2', minutes: 12 } }),
  ]),
  ...ConflictCode.options.map((code): [string, string, () => string] => [
    'contradiction',
    code,
    () =>
      sayConflict(
        { eventId: 'e', kind: 'skipped', reason: 'closed', deviceAt: at, code, emptiedAt: at, text: SERVER },
        () => 'Wagen 2',
      ),
  ]),
  ...MoveObstacle.shape.code.options.map((code): [string, string, () => string] => [
    'obstacle of a move',
    code,
    () => sayObstacle({ code, text: SERVER, hard: false, vehicle: 'Wagen 2' }),
  ]),
  ...RoundChange.shape.kind.options.flatMap((kind): [string, string, () => string][] =>
    [undefined, 'Wagen 2'].map((vehicle) => [
      'change of a round',
      `${kind}${vehicle ? ' with another vehicle' : ''}`,
      () =>
        sayChange({
          kind,
          stopId: 's',
          text: SERVER,
          place: 'Neude',
          seq: 4,
          eta: at,
          etaBefore: at,
          ...(vehicle !== undefined && { vehicle }),
        }),
    ]),
  ),
  ...(['before', 'after'] as const).flatMap((breakPlace): [string, string, () => string][] =>
    [{}, { etaBefore: at }].map((was) => [
      'break that moved',
      breakPlace,
      () => sayChange({ kind: 'retimed', stopId: 's', text: SERVER, place: 'Neude', eta: at, breakPlace, ...was }),
    ]),
  ),
  ...[true, false].map((taken): [string, string, () => string] => [
    'break',
    taken ? 'had' : 'planned',
    () => sayBreak({ startsAt: at, endsAt: at, stopId: 's', place: 'after', taken }),
  ]),
  ...SkipReason.options.map((code): [string, string, () => string] => [
    'reason of a crew',
    code,
    () => skipReasonName(code),
  ]),
  ...CrewEventKind.options.map((code): [string, string, () => string] => ['crew event', code, () => eventName(code)]),
  ...CrewEventAck.shape.faultCode
    .unwrap()
    .options.map((faultCode): [string, string, () => string] => [
      'refused event',
      faultCode,
      () => sayEventFault({ fault: SERVER, faultCode }),
    ]),
  ...OffRoad.shape.state.options.flatMap((state): [string, string, () => string][] => [
    ['place off the road', state, () => offRoadName(state)],
    ['remedy for a place off the road', state, () => offRoadRemedy(state)],
  ]),
];

describe('what the server tells by code has a Dutch and an English sentence', () => {
  test.each(sentences)('%s: %s', (_, __, say) => {
    const [dutch, english] = [sayIn('nl', say), sayIn('en', say)];
    for (const said of [dutch, english]) {
      expect(said).not.toContain(SERVER);
      expect(said).not.toMatch(/undefined|NaN|\{\w+\}/);
      expect(said.trim().length).toBeGreaterThan(2);
    }
    expect(dutch).not.toBe(english);
  });
});

test('a server that gives no code is quoted', () => {
  expect(sayConflict({ eventId: 'e', kind: 'skipped', deviceAt: at, text: SERVER }, String)).toBe(SERVER);
  expect(sayChange({ kind: 'added', stopId: 's', text: SERVER })).toBe(SERVER);
  expect(sayEventFault({ fault: SERVER })).toBe(SERVER);
  expect(sayEvent({ kind: 'towed', reason: 'snow' })).toBe('towed (snow)');
});

test('a bin that is left out says what would serve it, or what serving it costs', () => {
  const leftOut = { assetId: 'a', reason: SERVER };
  expect(
    sayLeftOut({ ...leftOut, code: 'no-time', remedy: { code: 'overtime', vehicle: 'Wagen 2', minutes: 12 } }),
  ).toBe('past niet in de resterende diensten; Wagen 2 kan het met 12 min. overwerk');
  const price = { costEur: 5.12, distanceM: 3100, riskEur: 2.4 };
  expect(sayLeftOut({ ...leftOut, code: 'too-far-for-its-risk', price }).replaceAll('\u00a0', ' ')).toBe(
    'omweg weegt niet op tegen het risico: legen kost € 5,12 en 3,1 km extra, laten staan riskeert € 2,40',
  );
});
