/** A seeded source of numbers: the same seed gives the same plan on every machine. */
export interface Random {
  /** uniform in [0, 1) */
  float(): number;
  /** uniform whole number in [0, below) */
  int(below: number): number;
}

/** Creates a xorshift32 generator (Marsaglia 2003, §3, triple 13-17-5); any whole seed will do. */
export function createRandom(seed: number): Random {
  // Scrambled, since neighbouring seeds would give correlated first numbers; zero would stick at zero.
  let state = Math.imul((seed | 0) ^ 0x9e3779b9, 0x85ebca6b) | 0 || 0x6d2b79f5;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 8; i++) next();
  return {
    float: () => next() / 4294967296,
    int: (below) => Math.floor((next() / 4294967296) * below),
  };
}
