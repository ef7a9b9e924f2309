import { quantityOf } from '@ronde/contracts';
import type { CanonicalValue } from '@ronde/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTypes } from './load-types.ts';
import { BUILT_IN_TYPES } from './open-encoders.ts';
import type { LoadedType } from './read-type.ts';
import { openSandbox } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import { RECV_TIME, bytesOf, fuzzBytes, randomFrom } from './test-support.ts';
import { createTypeDecoder } from './type-decoder.ts';
import type { TypeDecodeResult, TypeDecoder } from './type-decoder.ts';

const PAYLOADS = 10_000;
/** Two batches are on their way, so that mapping and decoding go on at the same time. */
const BATCH = 1_000;

const OWN = process.env['SENSOR_TYPES_DIR'];
const { types } = await loadTypes([OWN ?? BUILT_IN_TYPES]);
const withCodec = types.filter(({ codec }) => codec !== null);

let sandbox: Sandbox;
let decoder: TypeDecoder;
beforeAll(async () => {
  sandbox = await openSandbox();
  decoder = createTypeDecoder(sandbox);
});
afterAll(() => sandbox.close());

test.each(withCodec.map((type, i) => [type.manifest.id, type, i] as const))(
  '%s takes 10,000 random, cut and flipped payloads with data or errors, and never an odd value without a flag',
  { timeout: 120_000 },
  async (_, type, i) => {
    const killsBefore = sandbox.kills();
    const results = await decodeAll(type, i);
    expect(results).toHaveLength(PAYLOADS);
    expect(sandbox.kills() - killsBefore).toBe(0);
    const thrown = results.flatMap((result) => (result.ok ? [] : result.errors.filter(isUncaught)));
    expect([...new Set(thrown)]).toEqual([]);
    const odd = results.flatMap((result) => (result.ok ? result.values.filter(isOdd) : []));
    expect(odd.slice(0, 5)).toEqual([]);
    const doubled = results.filter((result) => result.ok && hasDoubles(result.values));
    expect(doubled.slice(0, 2)).toEqual([]);
  },
);

async function decodeAll(type: LoadedType, seed: number): Promise<TypeDecodeResult[]> {
  const seeds = type.examples.flatMap(({ input }) => ('hex' in input ? [bytesOf(input.hex)] : []));
  const used = type.examples.flatMap(({ input }) => ('hex' in input ? [input.fPort] : []));
  const ports = [...new Set([...type.manifest.fPorts, ...used, 1])];
  const items = [...fuzzBytes(seeds, PAYLOADS, randomFrom(seed + 1))].map((bytes, n) => ({
    type,
    input: { bytes, fPort: ports[n % ports.length] ?? 1, recvTime: RECV_TIME },
  }));
  const batches = Array.from({ length: PAYLOADS / BATCH }, (_, n) => items.slice(n * BATCH, (n + 1) * BATCH));
  const results: TypeDecodeResult[] = [];
  for (let n = 0; n < batches.length; n += 2) {
    const pair = await Promise.all(batches.slice(n, n + 2).map((batch) => decoder.decodeBatch(batch)));
    results.push(...pair.flat());
  }
  return results;
}

/** What engines say of a script that fell over, rather than refused. */
function isUncaught(error: string): boolean {
  return /is not (defined|a function|iterable|an object)|cannot read|undefined|of null|paused|killed|memory|overflow|invalid array/i.test(
    error,
  );
}

/** Not a number, or out of the catalogue's range, and nothing says so. */
function isOdd({ quantity, value, quality, flags }: CanonicalValue): boolean {
  const { min, max, binary } = quantityOf(quantity);
  const isSane = value !== null && Number.isFinite(value) && value >= min && value <= max;
  const isState = !binary || value === 0 || value === 1;
  return !(isSane && isState) && (quality !== 'invalid' || flags.length === 0);
}

function hasDoubles(values: readonly CanonicalValue[]): boolean {
  const slots = values.map(({ quantity, chamber, atMs }) => `${quantity}/${chamber ?? ''}/${atMs ?? ''}`);
  return new Set(slots).size < slots.length;
}
