import { expect, test } from 'vitest';
import { bytesOf } from './notation.ts';

test("Mosquitto's words for bytes are read as its own runner reads them", () => {
  expect(bytesOf("10 r15 s6 'MQIsdp' 0302 k10 s1 'p'").toString('hex')).toBe('100f00064d514973647003' + '02000a000170');
  expect(bytesOf('i255 H258 L65536 v127 v128 v268435456').toString('hex')).toBe(
    'ff' + '0102' + '00010000' + '7f8001' + '8080808001',
  );
  expect(bytesOf("'two words' 0A")).toEqual(Buffer.from('two words\n'));
  expect(bytesOf('')).toHaveLength(0);
});

test('a word nobody knows is told, not left out', () => {
  expect(() => bytesOf('10 x7')).toThrow('x7');
  expect(() => bytesOf('123')).toThrow('123');
});
