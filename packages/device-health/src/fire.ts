export interface TemperaturePoint {
  atMs: number;
  celsius: number;
}

/** Rises that mean fire, not sun: measured housings reached 66 °C in the sun, but slowly. */
export interface FireRules {
  /** Rise within the span, degrees. */
  riseC: number;
  spanMs: number;
  /** Above this a rise of half as much is enough. */
  hotC: number;
}

export const USUAL_FIRE: FireRules = { riseC: 15, spanMs: 30 * 60_000, hotC: 60 };

/**
 * Tells whether a sensor's temperature climbs as in a fire: by `riseC` within `spanMs` more than its surroundings did.
 * @param points newest last; @param ambientRiseC how much other sensors of the place rose in the same span
 * @returns confidence 0…1, or undefined when it does not
 */
export function judgeFire(
  points: readonly TemperaturePoint[],
  ambientRiseC = 0,
  rules: FireRules = USUAL_FIRE,
): number | undefined {
  const last = points.at(-1);
  if (!last) return undefined;
  const span = points.filter(({ atMs }) => atMs >= last.atMs - rules.spanMs);
  if (span.length < 2) return undefined;
  const rise = last.celsius - Math.min(...span.map(({ celsius }) => celsius)) - ambientRiseC;
  const needed = last.celsius >= rules.hotC ? rules.riseC / 2 : rules.riseC;
  if (rise < needed) return undefined;
  return Math.min(0.99, 0.6 + (rise - needed) / (2 * rules.riseC));
}
