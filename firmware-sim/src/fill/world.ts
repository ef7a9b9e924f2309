import type { ChamberDemand, City } from '../city/model.ts';
import { DAY_MS, HOUR_MS } from '../clock.ts';
import { createRng, seedOf, type Rng } from '../rng.ts';
import { createSurges, ratePerMs } from './demand.ts';

/** What is really in the bins. Moments must not run backwards per chamber; an earlier one changes nothing. */
export interface World {
  /** True level of a chamber at a moment: 0 empty, 1 full, up to 1.2 heaped. */
  levelAt(assetId: string, chamber: string, atMs: number): number;
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

interface Content {
  demand: ChamberDemand;
  levelL: number;
  looseL: number;
  atMs: number;
  rng: Rng;
}

const STEP_MS = HOUR_MS;
const HEAPED = 1.2;
/** Above the rim most of what people bring ends up beside the bin. */
const STAYS_WHEN_FULL = 0.3;
/** Loose waste sags: a seventh of what was thrown in lately, with this time constant. */
const SAG_SHARE = 0.15;
const SAG_MS = 10 * HOUR_MS;
const COLLAPSES_PER_DAY = 0.015;

/** Makes the contents of all bins; without a state they start at a random level. */
export function createWorld(city: City, options: { atMs: number; state?: WorldState | undefined }): World {
  const surges = createSurges(city.seed);
  const contents = new Map<string, Content>();
  const byAsset = new Map<string, Content[]>();
  for (const demand of city.demand) {
    const content = contentOf(demand, city.seed, options);
    contents.set(keyOf(demand.assetId, demand.chamber), content);
    byAsset.set(demand.assetId, [...(byAsset.get(demand.assetId) ?? []), content]);
  }
  const advance = (content: Content, toMs: number): void => {
    while (content.atMs < toMs) {
      // steps end on the hour, where the rate changes
      const untilMs = Math.min(toMs, (Math.floor(content.atMs / STEP_MS) + 1) * STEP_MS);
      step(content, untilMs, surges(content.demand, content.atMs));
    }
  };
  return {
    levelAt(assetId, chamber, atMs) {
      const content = contents.get(keyOf(assetId, chamber));
      if (!content) return 0;
      advance(content, atMs);
      return content.levelL / content.demand.volumeL;
    },
    empty(assetId, atMs, left = 0) {
      for (const content of byAsset.get(assetId) ?? []) {
        advance(content, atMs);
        content.levelL *= left;
        content.looseL = 0;
      }
    },
    set(assetId, chamber, { level, atMs }) {
      const content = contents.get(keyOf(assetId, chamber));
      if (content) Object.assign(content, { levelL: level * content.demand.volumeL, looseL: 0, atMs });
    },
    demandOf: (assetId) => (byAsset.get(assetId) ?? []).map(({ demand }) => demand),
    state: () => ({
      chambers: Object.fromEntries(
        [...contents].map(([key, { levelL, looseL, atMs, rng }]) => [key, [levelL, looseL, atMs, rng.state()]]),
      ),
    }),
  };
}

function keyOf(assetId: string, chamber: string): string {
  return `${assetId}/${chamber}`;
}

function contentOf(
  demand: ChamberDemand,
  seed: number,
  options: { atMs: number; state?: WorldState | undefined },
): Content {
  const key = keyOf(demand.assetId, demand.chamber);
  const kept = options.state?.chambers[key];
  if (kept) return { demand, levelL: kept[0], looseL: kept[1], atMs: kept[2], rng: createRng(kept[3]) };
  const rng = createRng(seedOf(seed, `fill ${key}`));
  return { demand, levelL: rng.between(0, 0.8) * demand.volumeL, looseL: 0, atMs: options.atMs, rng };
}

function step(content: Content, untilMs: number, surge: number): void {
  const { demand, rng } = content;
  const spanMs = untilMs - content.atMs;
  const count = rng.poisson((ratePerMs(demand, content.atMs, surge) * spanMs) / demand.depositL);
  const broughtL =
    count === 0 ? 0 : Math.max(0, rng.normal(count * demand.depositL, 0.6 * demand.depositL * Math.sqrt(count)));
  const roomL = Math.max(0, demand.volumeL - content.levelL);
  const addedL = Math.min(broughtL, roomL) + Math.max(0, broughtL - roomL) * STAYS_WHEN_FULL;
  const sagL = content.looseL * (1 - Math.exp(-spanMs / SAG_MS));
  content.levelL = Math.min(HEAPED * demand.volumeL, Math.max(0, content.levelL + addedL - SAG_SHARE * sagL));
  content.looseL = content.looseL - sagL + addedL;
  if (content.levelL > 0.4 * demand.volumeL && rng.chance((COLLAPSES_PER_DAY * spanMs) / DAY_MS))
    content.levelL *= rng.between(0.7, 0.9);
  content.atMs = untilMs;
}
