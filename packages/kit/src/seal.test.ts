import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSealer } from './seal.ts';

test('a sealed secret opens under its own context, and reads like nothing', () => {
  const sealer = createSealer(randomBytes(32));
  const sealed = sealer.seal('00112233445566778899aabbccddeeff', 'device/a');
  expect(sealed).not.toContain('0011');
  expect(sealer.open(sealed, 'device/a')).toBe('00112233445566778899aabbccddeeff');
  expect(sealer.seal('x', 'device/a')).not.toBe(sealer.seal('x', 'device/a'));
});

test('another context, another key or a changed text does not open', () => {
  const sealer = createSealer(randomBytes(32));
  const sealed = sealer.seal('secret', 'device/a');
  expect(() => sealer.open(sealed, 'device/b')).toThrow(/device\/b/);
  expect(() => createSealer(randomBytes(32)).open(sealed, 'device/a')).toThrow(/seal-key/);
  expect(() => sealer.open(`${sealed.slice(0, -2)}AA`, 'device/a')).toThrow();
  expect(() => sealer.open('plain', 'device/a')).toThrow();
});
