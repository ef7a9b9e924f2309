import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { HOSTILE } from '../../../tests/fixtures/hostile-codecs.ts';
import { openSandbox } from './sandbox.ts';
import type { DecodeResult, Sandbox } from './sandbox.ts';
import { RECV_TIME } from './test-support.ts';

const INPUT = { bytes: Uint8Array.of(1, 2, 3), fPort: 1, recvTime: RECV_TIME };
const GOOD = 'function decodeUplink(input) { return { data: { sum: input.bytes.reduce((a, b) => a + b, 0) } }; }';
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await openSandbox();
  sandbox.add('good@1', GOOD);
});
afterAll(() => sandbox.close());

/** Expressions that look for a way out; each must find nothing of the host. */
const ESCAPES: [name: string, expression: string][] = [
  [
    'host names',
    'typeof process + typeof require + typeof fetch + typeof setTimeout + typeof WebAssembly + typeof performance',
  ],
  ['the constructor of this', '(function () { return this; }).constructor("return typeof process")()'],
  ['the constructor of the input', 'input.constructor.constructor("return typeof process")()'],
  ['the constructor of the bytes', 'input.bytes.constructor.constructor("return typeof require")()'],
  ['the constructor of the time', 'input.recvTime.constructor.constructor("return typeof globalThis.process")()'],
  [
    'the caller of the codec',
    '(() => { try { return typeof decodeUplink.caller; } catch (e) { return "undefined"; } })()',
  ],
  [
    "an error's stack hooks",
    '(() => { Error.prepareStackTrace = (e, s) => s; return typeof new Error().stack?.[0]?.getThis; })()',
  ],
];

describe('a hostile codec', () => {
  test.each(HOSTILE)('is contained: %s', async (name, body) => {
    const result = await attack(name, body);
    expect(result.ok, JSON.stringify(result).slice(0, 200)).toBe(false);
    expect(await nextGood()).toEqual({ ok: true, data: { sum: 6 }, warnings: [] });
  });

  test.each(ESCAPES)('reaches nothing of the host by %s', async (name, expression) => {
    const result = await attack(name, `return { data: { seen: ${expression} } };`);
    expect(result.ok ? result.data['seen'] : undefined).toMatch(/^(undefined)+$/);
    expect(await nextGood()).toMatchObject({ ok: true });
  });

  test('that overwrites JSON can only spoil its own answer', async () => {
    const forged = await attack(
      'json',
      'JSON.stringify = () => "{}"; JSON.parse = () => 0; return { data: { a: 1 } };',
    );
    expect(forged).toEqual({ ok: true, data: { a: 1 }, warnings: [] });
    expect(await nextGood()).toMatchObject({ ok: true, data: { sum: 6 } });
  });

  test('that overwrites what reads the answer can only spoil its own', async () => {
    const forged = await attack(
      'reader',
      `String.prototype.includes = () => true; Object.keys = () => ['forged']; Reflect.apply = () => 0;
       Function.prototype.call = Function.prototype.bind = () => () => 'V{"data":{"forged":1}}';
       return { data: { a: 1 } };`,
    );
    expect(forged).toEqual({ ok: true, data: { a: 1 }, warnings: [] });
    expect(await nextGood()).toEqual({ ok: true, data: { sum: 6 }, warnings: [] });
  });

  test('that writes __proto__ does not reach our prototypes', async () => {
    await attack(
      'proto',
      'Object.prototype.polluted = 1; return JSON.parse(\'{"data":{"__proto__":{"polluted":1}}}\');',
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const good = await nextGood();
    expect(good.ok && Object.getPrototypeOf(good.data)).toBe(Object.prototype);
    expect(good.ok && good.data['polluted']).toBeUndefined();
  });

  test('that never ends while loading is refused, and the next codec works', async () => {
    sandbox.add('load@1', 'for (;;) {} function decodeUplink() { return { data: {} }; }');
    expect(await sandbox.decode('load@1', INPUT)).toMatchObject({ ok: false });
    expect(await nextGood()).toMatchObject({ ok: true });
  });

  test('that fills typed arrays has its own answer, and the thread whose memory it made grow is replaced', async () => {
    const before = sandbox.kills();
    const body = 'const a = []; for (;;) a.push(new Float64Array(1e4).fill(1));';
    const answers = await Promise.all([attack('typed', body), nextGood(), nextGood()]);
    expect(answers).toMatchObject([{ ok: false, stopped: 'fault' }, { ok: true }, { ok: true }]);
    await vi.waitFor(() => expect(sandbox.kills()).toBe(before + 1));
    expect(await nextGood()).toMatchObject({ ok: true });
  });

  test('that loops in a part that runs for each message is contained', async () => {
    sandbox.add('top@1', 'var n = 0; while (true) n++; function decodeUplink() { return { data: { n } }; }');
    expect(await sandbox.decode('top@1', INPUT)).toMatchObject({ ok: false });
    expect(await nextGood()).toMatchObject({ ok: true });
  });

  test('whose promises never rest runs none of them', async () => {
    const result = await attack(
      'micro',
      'let n = 0; (async () => { for (;;) { n++; await 0; } })(); return { data: { n } };',
    );
    expect(result).toEqual({ ok: true, data: { n: 1 }, warnings: [] });
    expect(await nextGood()).toMatchObject({ ok: true });
  });

  test('with a syntax fault says so', async () => {
    sandbox.add('syntax@1', 'function decodeUplink( {');
    const result = await sandbox.decode('syntax@1', INPUT);
    expect(result.ok ? '' : result.errors.join()).toContain('does not load');
  });

  test('inside a batch costs only its own item, even when the worker must be killed', async () => {
    sandbox.add('stuck@1', 'function decodeUplink() { [].sort.call({ length: 1e9 }); }');
    const killsBefore = sandbox.kills();
    const keys = ['good@1', 'stuck@1', 'good@1'];
    const results = await sandbox.decodeBatch(keys.map((key) => ({ key, input: INPUT })));
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(sandbox.kills()).toBe(killsBefore + 1);
  });

  test('that throws half-way leaves nothing behind for its next message', async () => {
    sandbox.add(
      'half@1',
      `var count = 0;
       function decodeUplink(i) { count++; Array.prototype.at = 1; if (i.fPort === 9) throw new Error('half'); return { data: { count, at: typeof [].at } }; }`,
    );
    expect(await sandbox.decode('half@1', INPUT)).toMatchObject({ data: { count: 1 } });
    expect(await sandbox.decode('half@1', { ...INPUT, fPort: 9 })).toEqual({ ok: false, errors: ['half'] });
    expect(await sandbox.decode('half@1', INPUT)).toMatchObject({ data: { count: 1 } });
  });

  test('gives back the memory it took', async () => {
    const before = process.memoryUsage().rss;
    for (const [name, body] of HOSTILE.filter(([, code]) => code.includes('1e6') || code.includes('push'))) {
      await attack(`again ${name}`, body);
    }
    // The bombs of one engine are bounded by its WASM ceiling; nothing may pile up beyond one engine.
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });
});

describe('the clock and chance of a codec', () => {
  test('stand still at the time of reception and repeat', async () => {
    sandbox.add(
      'clock@1',
      'function decodeUplink(i) { return { data: { now: Date.now(), made: new Date().toISOString(), given: i.recvTime.toISOString(), chance: Math.random(), is: i.recvTime instanceof Date } }; }',
    );
    const first = await sandbox.decode('clock@1', INPUT);
    expect(first.ok && first.data).toMatchObject({
      now: Date.parse(RECV_TIME),
      made: RECV_TIME,
      given: RECV_TIME,
      is: true,
    });
    expect(await sandbox.decode('clock@1', INPUT)).toEqual(first);
  });

  test('a number that is none is missing, with a warning', async () => {
    sandbox.add('nan@1', 'function decodeUplink() { return { data: { a: 0 / 0, b: 1, c: "null" } }; }');
    const result = await sandbox.decode('nan@1', INPUT);
    expect(result).toMatchObject({ ok: true, data: { a: null, b: 1, c: 'null' } });
    expect(result.ok && result.warnings.join()).toContain('a');
  });
});

async function attack(name: string, body: string): Promise<DecodeResult> {
  sandbox.add(`${name}@1`, `function decodeUplink(input) { ${body} }`);
  return sandbox.decode(`${name}@1`, INPUT);
}

function nextGood(): Promise<DecodeResult> {
  return sandbox.decode('good@1', INPUT);
}
