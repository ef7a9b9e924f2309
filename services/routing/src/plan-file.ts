import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { LeftOut } from '@ronde/contracts';
import type { Keep, Problem, Profile, Solution } from '@ronde/solver';

/** All that a plan rests on, and what it became. */
export interface PlanFile {
  problem: Problem;
  initial: Solution | undefined;
  keep: Keep | undefined;
  solution: Solution;
  /** What stands behind each solver stop, vehicle and site, by id. */
  meanings: { stops: string[][]; vehicles: string[]; sites: string[] };
  leftOut: LeftOut[];
}

/** A problem as JSON: matrices once each, base64 of little-endian Int32; vehicles name theirs by index. */
export interface PlainProblem extends Omit<Problem, 'profiles'> {
  matrices: string[];
  profiles: { distanceM: number; durationS: number }[];
}

const squeeze = promisify(gzip);
const unsqueeze = promisify(gunzip);

/** Writes a problem's matrices as text. */
export function toPlain(problem: Problem): PlainProblem {
  const places = new Map<Int32Array, number>();
  const indexOf = (matrix: Int32Array): number => {
    const index = places.get(matrix) ?? places.size;
    places.set(matrix, index);
    return index;
  };
  const profiles = problem.profiles.map(({ distanceM, durationS, ...rest }) => ({
    ...rest,
    distanceM: indexOf(distanceM),
    durationS: indexOf(durationS),
  }));
  const matrices = [...places.keys()].map((matrix) =>
    Buffer.from(new Uint8Array(matrix.buffer, matrix.byteOffset, matrix.byteLength).slice()).toString('base64'),
  );
  return { ...problem, profiles, matrices };
}

/** Reads a problem back. */
export function fromPlain({ matrices, profiles, ...rest }: PlainProblem): Problem {
  const arrays = matrices.map((text) => {
    const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
    return new Int32Array(bytes.buffer);
  });
  const made = profiles.map((profile): Profile => ({
    ...profile,
    distanceM: arrays[profile.distanceM]!,
    durationS: arrays[profile.durationS]!,
  }));
  return { ...rest, profiles: made };
}

/** Packs a file into text, off the event loop. */
export async function pack({ problem, ...rest }: PlanFile): Promise<string> {
  return (await squeeze(JSON.stringify({ problem: toPlain(problem), ...rest }))).toString('base64');
}

export async function unpack(packed: string): Promise<PlanFile> {
  const text = (await unsqueeze(Buffer.from(packed, 'base64'))).toString('utf8');
  const { problem, ...rest } = JSON.parse(text) as Omit<PlanFile, 'problem'> & { problem: PlainProblem };
  return { problem: fromPlain(problem), ...rest };
}
