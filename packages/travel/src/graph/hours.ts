import type { RoadNetwork } from '../osm/network.ts';
import type { Moment, Profile, Use } from '../profiles/index.ts';

/** How each tag set is used, over the hours of a week. */
export interface HourlyUse {
  /** What is open at some hour: what the graph is built from. */
  ever: Use[];
  /** What is open at every hour, at the slowest: what counts when no hour is given. */
  always: Use[];
  /** Tag sets whose use changes with the hour. */
  changes: boolean[];
  /** The moments at which anything may change, for each day of the week. */
  moments: Moment[];
}

/** Looks at every tag set at every moment of the week at which a rule may begin or end. */
export function hourlyUse({ tagSets, restrictions }: RoadNetwork, profile: Profile): HourlyUse {
  const moments = momentsOf([...tagSets, ...restrictions.map(({ tags }) => tags)].flatMap(profile.changesOf));
  const hourly: HourlyUse = { ever: [], always: [], changes: [], moments };
  for (const tags of tagSets) {
    const isTimed = profile.changesOf(tags).length > 0;
    // barriers stand in the same table and are never used as ways
    const uses =
      tags.highway === undefined ? [CLOSED_WAY] : isTimed ? moments.map((at) => profile.useOf(tags, at)) : [];
    if (uses.length === 0) uses.push(profile.useOf(tags, undefined));
    const over = (pick: (...values: number[]) => number): Use => ({
      forwardKmh: pick(...uses.map(({ forwardKmh }) => forwardKmh)),
      backwardKmh: pick(...uses.map(({ backwardKmh }) => backwardKmh)),
    });
    const [ever, always] = [over(Math.max), over(Math.min)];
    hourly.ever.push(ever);
    hourly.always.push(always);
    hourly.changes.push(ever.forwardKmh !== always.forwardKmh || ever.backwardKmh !== always.backwardKmh);
  }
  return hourly;
}

const CLOSED_WAY: Use = { forwardKmh: 0, backwardKmh: 0 };

function momentsOf(changes: number[]): Moment[] {
  const minutes = [...new Set([0, ...changes])].sort((a, b) => a - b);
  return [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) => minutes.map((minute) => ({ weekday, minute })));
}
