import { expect, test } from 'vitest';
import { readJson } from './json.ts';

const read = (text: string) => readJson(new TextEncoder().encode(text));

test.each([
  '{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}',
  '{"a":"\\"a\\":1, {","b":"a:","c":"\\\\"}',
  '[1,{"a":[]},"x:y",{}]',
  '"a:b"',
  '{"":1," ":2}',
])('%s is read', (text) => {
  expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
});

test.each([
  ['{"a":1,"a":2}', 'a'],
  ['{"x":{"dev_eui":"1","b":[1,{"c":"}"}],"dev_eui":"2"}}', 'dev_eui'],
  ['{"dev_eui":1,"dev\\u005feui":2}', 'dev_eui'],
  ['[{"q\\"":1,"q\\"":1}]', 'q"'],
  ['{"__proto__":1,"__proto__":2}', '__proto__'],
])('%s has a member twice', (text, field) => {
  expect(read(text)).toMatchObject({ ok: false, fault: { field, message: 'stands twice in one object' } });
});

test('what is no JSON, or no text, says so', () => {
  for (const text of ['', '{', '{"a":1}x', '\u0000']) expect(read(text)).toMatchObject({ fault: { field: 'message' } });
  expect(readJson(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({ ok: false });
});
