import { afterEach, describe, expect, test } from 'vitest';
import { en as consoleEn } from '../../console/en.ts';
import { nl as consoleNl } from '../../console/nl.ts';
import { en as deviceEn } from '../../console/device/en.ts';
import { nl as deviceNl } from '../../console/device/nl.ts';
import { en as importsEn } from '../../console/imports/en.ts';
import { nl as importsNl } from '../../console/imports/nl.ts';
import { en as replaysEn } from '../../console/replays/en.ts';
import { nl as replaysNl } from '../../console/replays/nl.ts';
import { en as typesEn } from '../../console/types/en.ts';
import { nl as typesNl } from '../../console/types/nl.ts';
import { en as unknownEn } from '../../console/unknown/en.ts';
import { nl as unknownNl } from '../../console/unknown/nl.ts';
import { en as opsEn } from '../../ops/en.ts';
import { nl as opsNl } from '../../ops/nl.ts';
import { en as publicEn } from '../../public/en.ts';
import { nl as publicNl } from '../../public/nl.ts';
import { formatAge, formatDistance, formatDuration, formatPercent, formatTime } from './format.ts';
import { chooseLanguage, language } from './language.ts';
import { healthName, issueName, issueRemedy } from './issue-text.ts';
import { defineMessages, type Message } from './messages.ts';
import { sayLeftOut, sayReason } from './reason-text.ts';
import { en as sharedEn } from './shared-en.ts';
import { nl as sharedNl } from './shared-nl.ts';

afterEach(() => {
  language.value = 'nl';
});

const catalogues: [string, Record<string, Message>, Record<string, Message>][] = [
  ['shared', sharedNl, sharedEn],
  ['ops', opsNl, opsEn],
  ['public', publicNl, publicEn],
  ['console', consoleNl, consoleEn],
  ['device', deviceNl, deviceEn],
  ['imports', importsNl, importsEn],
  ['replays', replaysNl, replaysEn],
  ['types', typesNl, typesEn],
  ['unknown devices', unknownNl, unknownEn],
];
const namesIn = (message: Message): string[] =>
  [...new Set((typeof message === 'string' ? message : message.one + message.other).match(/\{\w+\}/g) ?? [])].sort();

describe.each(catalogues)('the %s catalogue', (_, nl, en) => {
  test('has the same keys in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(nl).sort());
  });
  test('fills the same values in both languages and leaves no text empty', () => {
    for (const [key, message] of Object.entries(nl)) {
      expect(namesIn(en[key] as Message), key).toEqual(namesIn(message));
      expect(JSON.stringify(en[key]).length, key).toBeGreaterThan(2);
    }
  });
});

test('the address decides the language, then the earlier choice, then the browser, then Dutch', () => {
  expect(chooseLanguage({ search: '?lang=en', stored: 'nl', preferred: ['nl-NL'] })).toBe('en');
  expect(chooseLanguage({ search: '', stored: 'en', preferred: ['nl-NL'] })).toBe('en');
  expect(chooseLanguage({ search: '', stored: null, preferred: ['fr-FR', 'en-GB'] })).toBe('en');
  expect(chooseLanguage({ search: '?lang=de', stored: null, preferred: ['de'] })).toBe('nl');
});

test('a text follows the language and counts in singular and plural', () => {
  const t = defineMessages(
    { bins: { one: '{n} bak in {place}', other: '{n} bakken in {place}' } },
    { bins: { one: '{n} bin in {place}', other: '{n} bins in {place}' } },
  );
  expect(t('bins', { n: 1, place: 'Oost' })).toBe('1 bak in Oost');
  expect(t('bins', { n: 18_240, place: 'Oost' })).toBe('18.240 bakken in Oost');
  language.value = 'en';
  expect(t('bins', { n: 18_240, place: 'Oost' })).toBe('18,240 bins in Oost');
});

test('ages are said in words that grow with them', () => {
  expect(formatAge(20_000)).toBe('zojuist');
  expect(formatAge(8 * 60_000)).toBe('8 min. geleden');
  expect(formatAge(26 * 3_600_000)).toBe('26 uur geleden');
  language.value = 'en';
  expect(formatAge(3 * 86_400_000)).toBe('3 days ago');
});

test('numbers carry the units people use', () => {
  expect(formatPercent(0.92)).toBe('92%');
  expect(formatDistance(347)).toBe('350 m');
  expect(formatDistance(12_440)).toBe('12,4 km');
  expect(formatDuration(3 * 3600 + 20 * 60)).toBe('3 u 20 min');
  expect(formatTime(Date.parse('2026-11-22T09:05:00'))).toBe('09:05');
});

test('a reason is said in the reader’s language, or as the server said it', () => {
  const why = { code: 'on-the-way', fill: 0.42, detourM: 120 } as const;
  expect(sayReason({ reason: 'english', why })).toBe('42% vol, ligt op de route (+120 m)');
  expect(sayReason({ reason: 'as the server said' })).toBe('as the server said');
  expect(sayLeftOut({ assetId: 'a', reason: 'x', code: 'no-reading' })).toBe('sensor heeft nog niets gemeld');
});

test('what is wrong with a device is said with what to do, in both languages', () => {
  expect([issueName('battery-low'), issueRemedy('battery-low'), healthName('bad')]).toEqual([
    'batterij bijna leeg',
    'Plan een nieuwe batterij.',
    'slecht',
  ]);
  language.value = 'en';
  expect(issueRemedy('fire')).toContain('fire brigade');
});
