import { expect, test } from 'vitest';
import { createBreaker } from './breaker.ts';
import { openSandbox } from './sandbox.ts';
import { RECV_TIME } from './test-support.ts';

test('a codec is paused after three faults in a row and tried once after the cool-down', () => {
  let nowMs = 0;
  const breaker = createBreaker({ threshold: 3, coolDownMs: 1_000, nowMs: () => nowMs });
  breaker.record('a', true);
  breaker.record('a', true);
  expect(breaker.allows('a')).toBe(true);
  breaker.record('a', true);
  expect(breaker.allows('a')).toBe(false);
  expect(breaker.allows('b')).toBe(true);
  nowMs = 1_000;
  expect([breaker.allows('a'), breaker.allows('a')]).toEqual([true, false]);
  breaker.record('a', true);
  expect(breaker.allows('a')).toBe(false);
  nowMs = 2_000;
  expect(breaker.allows('a')).toBe(true);
  breaker.record('a', false);
  expect(breaker.allows('a')).toBe(true);
});

test('two faults and a success start the count again', () => {
  const breaker = createBreaker({ threshold: 3, coolDownMs: 1_000, nowMs: () => 0 });
  for (const fault of [true, true, false, true, true]) breaker.record('a', fault);
  expect(breaker.allows('a')).toBe(true);
});

test('the sandbox pauses a codec that runs too long, but not one that only throws', async () => {
  let nowMs = 0;
  const sandbox = await openSandbox({ nowMs: () => nowMs, coolDownMs: 1_000 });
  const decode = async (key: string, byte: number) => {
    const result = await sandbox.decode(key, { bytes: Uint8Array.of(byte), fPort: 1, recvTime: RECV_TIME });
    return result.ok ? 'ok' : result.errors.join();
  };
  try {
    sandbox.add('loop@1', 'function decodeUplink(i) { if (i.bytes[0]) for (;;) {} return { data: {} }; }');
    sandbox.add(
      'throw@1',
      'function decodeUplink(i) { if (i.bytes[0]) throw new Error("bad byte"); return { data: {} }; }',
    );
    for (let i = 0; i < 4; i++) expect(await decode('throw@1', 1)).toBe('bad byte');
    expect(await decode('throw@1', 0)).toBe('ok');
    for (let i = 0; i < 3; i++) expect(await decode('loop@1', 1)).toBe('the codec ran too long');
    expect(await decode('loop@1', 0)).toContain('paused');
    expect(await decode('throw@1', 0)).toBe('ok');
    nowMs = 1_000;
    expect(await decode('loop@1', 0)).toBe('ok');
  } finally {
    await sandbox.close();
  }
});

test('what a paused codec was not run for leaves it paused', async () => {
  let nowMs = 0;
  const sandbox = await openSandbox({ nowMs: () => nowMs, coolDownMs: 1_000 });
  const item = { key: 'loop@1', input: { bytes: Uint8Array.of(1), fPort: 1, recvTime: RECV_TIME } };
  try {
    sandbox.add('loop@1', 'function decodeUplink() { for (;;) {} }');
    const stopsOf = async (count: number) => {
      const results = await sandbox.decodeBatch(Array.from({ length: count }, () => item));
      return results.map((result) => (result.ok ? 'ran' : result.stopped));
    };
    expect(await stopsOf(5)).toEqual(['fault', 'fault', 'fault', 'paused', 'paused']);
    expect(await stopsOf(2)).toEqual(['paused', 'paused']);
    nowMs = 1_000;
    expect(await stopsOf(2)).toEqual(['fault', 'paused']);
  } finally {
    await sandbox.close();
  }
});

test('a closed sandbox answers with an error instead of hanging', async () => {
  const sandbox = await openSandbox();
  sandbox.add('a@1', 'function decodeUplink() { return { data: {} }; }');
  await sandbox.close();
  const result = await sandbox.decode('a@1', { bytes: Uint8Array.of(1), fPort: 1, recvTime: RECV_TIME });
  expect(result).toEqual({ ok: false, errors: ['the sandbox is closed'] });
});
