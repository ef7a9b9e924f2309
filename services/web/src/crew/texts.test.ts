import { expect, test } from 'vitest';
import { en as consoleEn } from '../console/en.ts';
import { nl as consoleNl } from '../console/nl.ts';
import type { Message } from '../shared/i18n/messages.ts';
import { en } from './en.ts';
import { nl } from './nl.ts';

const namesIn = (message: Message): string[] =>
  [...new Set((typeof message === 'string' ? message : message.one + message.other).match(/\{\w+\}/g) ?? [])].sort();

test.each<[string, Record<string, Message>, Record<string, Message>]>([
  ['crew', nl, en],
  ['console', consoleNl, consoleEn],
])('the %s catalogue fills the same values in both languages and leaves no text empty', (_, dutch, english) => {
  expect(Object.keys(english).sort()).toEqual(Object.keys(dutch).sort());
  for (const [key, message] of Object.entries(dutch)) {
    expect(namesIn(english[key] as Message), key).toEqual(namesIn(message));
    expect(JSON.stringify(english[key]).length, key).toBeGreaterThan(2);
  }
});
