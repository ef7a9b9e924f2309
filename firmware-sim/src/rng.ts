/** A seeded random source with a state that can be written down, so that a simulation can go on where it was. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  between(low: number, high: number): number;
  int(below: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Draws by weight. */
  weighted<T>(items: readonly (readonly [T, number])[]): T;
  normal(mean: number, deviation: number): number;
  /** Log-normal by its median; `spread` is the standard deviation of the logarithm. */
  logNormal(median: number, spread: number): number;
  poisson(mean: number): number;
  exponential(mean: number): number;
  state(): number;
  /** Goes on from a state: one source can serve many devices, each with a number of its own. */
  seek(state: number): void;
}

/** Above this mean a normal draw stands in for the Poisson one: the difference drowns in the sensor's noise. */
const POISSON_NORMAL_FROM = 30;

/** Gives a random source for a seed (splitmix32), or goes on from a state. */
export function createRng(seed: number): Rng {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let t = state ^ (state >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return ((t ^ (t >>> 15)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  const unitNormal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const poisson = (mean: number): number => {
    if (mean <= 0) return 0;
    if (mean > POISSON_NORMAL_FROM) return Math.max(0, Math.round(mean + Math.sqrt(mean) * unitNormal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = next(); product > limit; product *= next()) count += 1;
    return count;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    int,
    chance: (probability) => next() < probability,
    pick: (items) => items[int(items.length)]!,
    weighted(items) {
      let left = next() * items.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [item, weight] of items) if ((left -= weight) < 0) return item;
      return items.at(-1)![0];
    },
    normal: (mean, deviation) => mean + deviation * unitNormal(),
    logNormal: (median, spread) => median * Math.exp(spread * unitNormal()),
    poisson,
    exponential: (mean) => -mean * Math.log(1 - next()),
    state: () => state,
    seek: (to) => void (state = to | 0),
  };
}

/** Makes a seed of a name within a run, so that adding one thing does not change the luck of the others. */
export function seedOf(seed: number, name: string): number {
  let hash = (seed ^ 0x811c9dc5) | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 13);
}

/** Makes a seed of a seed and a number: the quick form for fleets. */
export function mixSeed(seed: number, number: number): number {
  let hash = Math.imul(seed ^ Math.imul(number, 0x9e3779b1), 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
