import type { Problem, Stop, Vehicle } from './problem.ts';
import { createRandom } from './random.ts';

/** What a made problem has. */
export interface FixtureOptions {
  readonly stops: number;
  readonly vehicles?: number;
  readonly capacity?: number;
  readonly windows?: boolean;
  readonly prizes?: boolean;
  /** one site at the depot and one elsewhere; trucks must end empty */
  readonly disposal?: boolean;
  /** crew time costs money */
  readonly timeCost?: boolean;
  readonly twoFractions?: boolean;
  readonly shiftS?: number;
  /** every second stop is released during the shift */
  readonly releases?: boolean;
}

/** Makes a small town for tests and benchmarks: asymmetric streets, location 0 the depot, 1 a disposal site. */
export function createTown(seed: number, options: FixtureOptions): Problem {
  const random = createRandom(seed);
  const locations = options.stops + 2;
  const points = Array.from({ length: locations }, () => ({ x: random.int(5_000), y: random.int(5_000) }));
  const distanceM = new Int32Array(locations * locations);
  for (let i = 0; i < locations; i++) {
    for (let j = 0; j < locations; j++) {
      const straightM = Math.hypot(points[i]!.x - points[j]!.x, points[i]!.y - points[j]!.y);
      if (i !== j) distanceM[i * locations + j] = Math.round(straightM * 1.3) + (i < j ? 40 : 0);
    }
  }
  const stops = Array.from({ length: options.stops }, (_, i): Stop => {
    const openS = random.int(4_000);
    const later = openS + 6_000 + random.int(2_000);
    return {
      location: i + 2,
      serviceS: 60 + random.int(120),
      load: [50 + random.int(250), 1],
      ...(options.windows && i % 3 === 0
        ? {
            windows: [
              [openS, openS + 2_500],
              [later, later + 2_000],
            ],
          }
        : {}),
      ...(options.windows && i % 3 === 1 ? { windows: [[openS, openS + 4_000]] } : {}),
      ...(options.releases && i % 2 === 1 ? { releaseS: (i * 977) % 4_000 } : {}),
      ...(options.prizes && i % 2 === 0 ? { prize: random.int(5_000) } : {}),
      ...(options.twoFractions ? { fraction: i % 2 } : {}),
    };
  });
  const vehicle: Vehicle = {
    startLocation: 0,
    endLocation: 0,
    capacity: [options.capacity ?? 1_000, 100],
    ...(options.shiftS || options.windows ? { shift: [0, options.shiftS ?? 20_000] } : {}),
    ...(options.timeCost ? { costPerS: 0.5, fixedCost: 100 } : {}),
    ...(options.disposal ? { mustEndEmpty: true } : {}),
  };
  return {
    locations,
    profiles: [{ distanceM, durationS: distanceM.map((metres) => Math.round(metres / 8)) }],
    stops,
    vehicles: Array.from({ length: options.vehicles ?? 3 }, () => vehicle),
    ...(options.disposal
      ? {
          sites: [
            { location: 1, tippingS: 600, windows: [[0, 18_000]] },
            { location: 0, tippingS: 300, ...(options.twoFractions ? { fractions: [0] } : {}) },
          ],
        }
      : {}),
  };
}
