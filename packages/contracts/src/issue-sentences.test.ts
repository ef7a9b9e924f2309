import { expect, test } from 'vitest';
import { z } from 'zod';
import './index.ts';

const Bin = z.object({
  name: z.string().max(5),
  volumeL: z.number().positive(),
  lat: z.number().max(90),
  fraction: z.enum(['paper', 'glass']),
  tags: z.array(z.string()).min(1),
  at: z.iso.datetime(),
  own: z.string().regex(/^a/, 'an own name starts with an a'),
});

const told = (schema: z.ZodType, value: unknown): string[] =>
  schema.safeParse(value).error!.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());

test('what is missing is called missing, with what belongs there', () => {
  expect(told(Bin, {})).toEqual([
    'name is missing; it takes a string',
    'volumeL is missing; it takes a number',
    'lat is missing; it takes a number',
    'fraction is missing; it takes one of "paper", "glass"',
    'tags is missing; it takes an array',
    'at is missing; it takes a string',
    'own is missing; it takes a string',
  ]);
});

test('a wrong value is told its limit in words, and a message of the schema stays', () => {
  const wrong = { name: 'Marktplein', volumeL: 0, lat: 500, fraction: 'papers', tags: [], at: 'yesterday', own: 'b' };
  expect(told(Bin, wrong)).toEqual([
    'name must have at most 5 characters',
    'volumeL must be above 0',
    'lat must be at most 90',
    'fraction must be one of "paper", "glass"',
    'tags must have at least 1 item',
    'at is not a time with a zone in ISO 8601, such as 2026-01-05T06:00:00Z',
    'own an own name starts with an a',
  ]);
});

test('a wrong kind of value names both kinds, and a word for a number only the right one', () => {
  expect(told(z.object({}), null)).toEqual(['must be an object, not null']);
  expect(told(z.object({}), [])).toEqual(['must be an object, not an array']);
  expect(told(z.number(), 'two')).toEqual(['must be a number, not a string']);
  expect(told(z.coerce.number(), 'two')).toEqual(['must be a number']);
});

test('keys that are not taken, alternatives, steps and forms have sentences too', () => {
  expect(told(z.strictObject({}), { a: 1, b: 2 })).toEqual(['does not take "a", "b"']);
  expect(told(z.union([z.string(), z.number()]), true)).toEqual(['has none of the forms it may have']);
  expect(told(z.number().multipleOf(5), 3)).toEqual(['must be a multiple of 5']);
  expect(told(z.literal('up'), 'down')).toEqual(['must be "up"']);
  expect(told(z.url(), 'host')).toEqual(['is not a URL, such as https://host.example:8443']);
  expect(told(z.string().regex(/^\d+$/), 'x')).toEqual(['must match /^\\d+$/']);
  expect(told(z.string().startsWith('v1/'), 'x')).toEqual(['must start with "v1/"']);
  expect(told(z.email(), 'x')).toEqual(['is not a valid email']);
});
