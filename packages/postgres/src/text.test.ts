import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromStoredJson, fromStoredText, toStoredJson, toStoredText } from './text.ts';

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\0', '\uFDD0', '\uD800', '\uDFFF', '\\', '"', 'u', '0', 'm'),
    fc.string({ maxLength: 1, unit: 'binary' }),
  ),
});

test('any text comes back as it was, and is kept without U+0000 or halves of pairs', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const stored = toStoredText(text);
      expect(stored.includes('\0') || !stored.isWellFormed()).toBe(false);
      expect(fromStoredText(stored)).toBe(text);
    }),
  );
});

test('any document comes back as it was, letter for letter, and is JSON that can be indexed', () => {
  fc.assert(
    fc.property(anyText, anyText, (key, value) => {
      const json = JSON.stringify({ [key]: value });
      const stored = toStoredJson(json);
      const inside = Object.entries(JSON.parse(stored) as object).flat() as string[];
      expect(inside.every((text) => !text.includes('\0') && text.isWellFormed())).toBe(true);
      expect(fromStoredJson(stored)).toBe(json);
    }),
  );
});
