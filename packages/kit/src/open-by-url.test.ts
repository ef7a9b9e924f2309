import { expect, test } from 'vitest';
import { openByUrl } from './open-by-url.ts';

const open = (url: string) =>
  openByUrl(url, {
    variable: 'STORE_URL',
    noun: 'store',
    adapters: { file: async (location) => `opened ${location}` },
  });

test('the adapter of the scheme gets what stands after the colon', async () => {
  expect(await open('file:a:b')).toBe('opened a:b');
  expect(await open('file:')).toBe('opened ');
});

test('an unknown scheme is refused with those that exist, and without the rest of the URL', async () => {
  await expect(open('postgres://user:secret@db')).rejects.toThrow('STORE_URL postgres:: no such store; known: file:');
  await expect(open('constructor:x')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  await expect(open('nothing')).rejects.toThrow('STORE_URL nothing: no such store');
});
