import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import type { LoadedType } from './read-type.ts';

export const RECV_TIME = '2026-03-29T01:30:00.000Z';

/** Gives bytes of hexadecimal digits. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

/** Repeatable random numbers 0…1 (mulberry32) for fuzzing. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Random bytes, and cuts and bit flips of the given seeds. */
export function* fuzzBytes(seeds: Uint8Array[], count: number, random: () => number): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) {
    const seed = seeds[Math.floor(random() * seeds.length)];
    if (!seed || i % 3 === 0) {
      yield Uint8Array.from({ length: Math.floor(random() * 52) }, () => Math.floor(random() * 256));
    } else if (i % 3 === 1) {
      yield seed.slice(0, Math.floor(random() * (seed.length + 1)));
    } else {
      yield seed.map((byte) => (random() < 0.15 ? byte ^ (1 << Math.floor(random() * 8)) : byte));
    }
  }
}

type Decode = (input: { bytes: number[]; fPort: number; recvTime: Date }) => unknown;

/** Loads a codec of ours into V8 without a sandbox: the second engine of the conformance suite and the bench. */
export function plainDecoder(type: LoadedType): Decode {
  const context = createContext({});
  return runInContext(`${type.codec ?? ''}\n;decodeUplink`, context) as Decode;
}

/** Reads a text file of the test's own folder or of the data set. */
export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
}
