import type { ChamberDemand, City } from '../city/model.ts';
import { DAY_MS, HOUR_MS } from '../clock.ts';
import type { FaultMix } from '../faults/model.ts';
import { leftBehind } from '../faults/partial-emptying.ts';
import { createRng, seedOf, type Rng } from '../rng.ts';
import { createSurges, ratePerMs, type Surge } from './demand.ts';
import { firstVisitMs, visitTimeMs, isWorthIt } from './visits.ts';

/** What is really in the bins. Moments must not run backwards per chamber; an earlier one changes nothing. */
export interface World {
  /** True level of a chamber at a moment: 0 empty, 1 full, up to 1.2 heaped. */
  levelAt(assetId: string, chamber: string, atMs: number): number;
  /** The same by the chamber's place in the list of demands; -1 = no chamber, always empty. */
  levelOf(place: number, atMs: number): number;
  placeOf(assetId: string, chamber: string): number;
  /** A crew empties all chambers of an asset; `left` stays behind (0 = clean). */
  empty(assetId: string, atMs: number, left?: number): void;
  /** Sets a level from outside, when nothing better is known. */
  set(assetId: string, chamber: string, given: { level: number; atMs: number }): void;
  demandOf(assetId: string): ChamberDemand[];
  state(): WorldState;
}

/** Levels and luck of every chamber: [litres, of which loose, at ms, random state]. */
export interface WorldState {
  chambers: Record<string, [levelL: number, looseL: number, atMs: number, rng: number]>;
}

/** Something that happened to a bin, for the ground truth. */
export type WorldEvent =
  | { event: 'emptied'; assetId: string; chamber: string; atMs: number; level: number; left: number }
  | { event: 'collapse'; assetId: string; chamber: string; atMs: number; level: number; left: number }
  | ({ event: 'surge'; areaId: string } & Surge);

export interface WorldOptions {
  atMs: number;
  state?: WorldState | undefined;
  /** Of it the world takes overfill, collapse, partial emptying and surges. */
  mix?: FaultMix;
  /** True: bins are emptied on fixed days, since no crew comes. */
  visits?: boolean;
  onEvent?: ((event: WorldEvent) => void) | undefined;
}

const STEP_MS = HOUR_MS;
const HEAPED = 1.2;
/** Above the rim most of what people bring ends up beside the bin. */
const STAYS_WHEN_FULL = 0.3;
/** Loose waste sags: a seventh of what was thrown in lately, with this time constant. */
const SAG_SHARE = 0.15;
const SAG_MS = 10 * HOUR_MS;
/** A bag or heap that gives way (CTU Prague's class "collapse"; how often is an own assumption): 10 to 30 % lower. */
const COLLAPSES_PER_DAY = 0.015;
const CITY_LIKE: FaultMix = { overfill: 1, collapse: 1, surge: 1, 'partial-emptying': 1 };

/** Makes the contents of all bins; without a state they start at a random level. */
export function createWorld(city: Pick<City, 'seed' | 'demand'>, options: WorldOptions): World {
  const { mix = CITY_LIKE, onEvent } = options;
  const contents = openContents(city, options);
  const { demands, levelL, looseL, atMs } = contents;
  const surgeOf = createSurges(city.seed, mix.surge ?? 0, (areaId, surge) =>
    onEvent?.({ event: 'surge', areaId, ...surge }),
  );
  const rng = createRng(0);
  const places = lazily(() => new Map(demands.map((demand, place) => [keyOf(demand), place])));
  const byAsset = lazily(() => Map.groupBy(demands.keys(), (place) => demands[place]!.assetId));
  const physics: Physics = { contents, rng, mix, surgeOf, onEvent };

  const advance = (place: number, toMs: number): void => {
    if (atMs[place]! >= toMs) return;
    rng.seek(contents.rngStates[place]!);
    const { nextVisitMs } = contents;
    while (nextVisitMs && nextVisitMs[place]! <= toMs) {
      fillUntil(physics, place, nextVisitMs[place]!);
      visit(physics, place);
    }
    fillUntil(physics, place, toMs);
    contents.rngStates[place] = rng.state();
  };
  const levelOf = (place: number, toMs: number): number => {
    if (place < 0) return 0;
    advance(place, toMs);
    return levelL[place]! / demands[place]!.volumeL;
  };
  const placeOf = (assetId: string, chamber: string): number => places().get(`${assetId}/${chamber}`) ?? -1;
  return {
    levelOf,
    placeOf,
    levelAt: (assetId, chamber, toMs) => levelOf(placeOf(assetId, chamber), toMs),
    empty(assetId, toMs, left = 0) {
      for (const place of byAsset().get(assetId) ?? []) {
        advance(place, toMs);
        levelL[place]! *= left;
        looseL[place] = 0;
      }
    },
    set(assetId, chamber, { level, atMs: setMs }) {
      const place = placeOf(assetId, chamber);
      if (place < 0) return;
      levelL[place] = level * demands[place]!.volumeL;
      looseL[place] = 0;
      atMs[place] = setMs;
    },
    demandOf: (assetId) => (byAsset().get(assetId) ?? []).map((place) => demands[place]!),
    state: () => ({
      chambers: Object.fromEntries(
        demands.map((demand, place) => [
          keyOf(demand),
          [levelL[place]!, looseL[place]!, atMs[place]!, contents.rngStates[place]!],
        ]),
      ),
    }),
  };
}

interface Contents {
  demands: readonly ChamberDemand[];
  levelL: Float64Array;
  looseL: Float64Array;
  atMs: Float64Array;
  rngStates: Int32Array;
  nextVisitMs: Float64Array | undefined;
}

interface Physics {
  contents: Contents;
  rng: Rng;
  mix: FaultMix;
  surgeOf: ReturnType<typeof createSurges>;
  onEvent: ((event: WorldEvent) => void) | undefined;
}

function keyOf({ assetId, chamber }: ChamberDemand): string {
  return `${assetId}/${chamber}`;
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function openContents({ seed, demand: demands }: Pick<City, 'seed' | 'demand'>, options: WorldOptions): Contents {
  const count = demands.length;
  const contents: Contents = {
    demands,
    levelL: new Float64Array(count),
    looseL: new Float64Array(count),
    atMs: new Float64Array(count),
    rngStates: new Int32Array(count),
    nextVisitMs: options.visits ? new Float64Array(count) : undefined,
  };
  const rng = createRng(0);
  demands.forEach((demand, place) => {
    const key = keyOf(demand);
    const kept = options.state?.chambers[key];
    rng.seek(kept?.[3] ?? seedOf(seed, `fill ${key}`));
    contents.levelL[place] = kept?.[0] ?? rng.between(0, 0.8) * demand.volumeL;
    contents.looseL[place] = kept?.[1] ?? 0;
    contents.atMs[place] = kept?.[2] ?? options.atMs;
    if (contents.nextVisitMs) contents.nextVisitMs[place] = firstVisitMs(demand, contents.atMs[place]!, rng);
    contents.rngStates[place] = rng.state();
  });
  return contents;
}

function fillUntil(physics: Physics, place: number, toMs: number): void {
  const { atMs, demands } = physics.contents;
  while (atMs[place]! < toMs) {
    // steps end on the hour, where the rate changes
    const untilMs = Math.min(toMs, (Math.floor(atMs[place]! / STEP_MS) + 1) * STEP_MS);
    step(physics, { place, untilMs, surge: physics.surgeOf(demands[place]!, atMs[place]!) });
  }
}

function step(physics: Physics, { place, untilMs, surge }: { place: number; untilMs: number; surge: number }): void {
  const { contents, rng, mix } = physics;
  const { levelL, looseL, atMs } = contents;
  const demand = contents.demands[place]!;
  const spanMs = untilMs - atMs[place]!;
  const count = rng.poisson((ratePerMs(demand, atMs[place]!, surge) * spanMs) / demand.depositL);
  const broughtL =
    count === 0 ? 0 : Math.max(0, rng.normal(count * demand.depositL, 0.6 * demand.depositL * Math.sqrt(count)));
  const roomL = Math.max(0, demand.volumeL - levelL[place]!);
  const addedL = Math.min(broughtL, roomL) + Math.max(0, broughtL - roomL) * STAYS_WHEN_FULL;
  const sagL = looseL[place]! * (1 - Math.exp(-spanMs / SAG_MS));
  const mostL = (mix.overfill ? HEAPED : 1) * demand.volumeL;
  levelL[place] = Math.min(mostL, Math.max(0, levelL[place]! + addedL - SAG_SHARE * sagL));
  looseL[place] = looseL[place]! - sagL + addedL;
  atMs[place] = untilMs;
  const { collapse = 0 } = mix;
  if (collapse > 0 && levelL[place]! > 0.4 * demand.volumeL)
    if (rng.chance((COLLAPSES_PER_DAY * collapse * spanMs) / DAY_MS)) fall(physics, place);
}

function fall({ contents, rng, onEvent }: Physics, place: number): void {
  const { assetId, chamber, volumeL } = contents.demands[place]!;
  const level = contents.levelL[place]! / volumeL;
  const left = rng.between(0.7, 0.9);
  contents.levelL[place]! *= left;
  onEvent?.({ event: 'collapse', assetId, chamber, atMs: contents.atMs[place]!, level, left });
}

function visit({ contents, rng, mix, onEvent }: Physics, place: number): void {
  const demand = contents.demands[place]!;
  const atMs = contents.atMs[place]!;
  contents.nextVisitMs![place] = visitTimeMs(demand, contents.nextVisitMs![place]!, rng);
  const level = contents.levelL[place]! / demand.volumeL;
  if (!isWorthIt(level, rng)) return;
  const left = leftBehind(rng, mix['partial-emptying'] ?? 0);
  contents.levelL[place]! *= left;
  contents.looseL[place] = 0;
  onEvent?.({ event: 'emptied', assetId: demand.assetId, chamber: demand.chamber, atMs, level, left });
}
