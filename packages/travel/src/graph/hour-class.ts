import type { Moment } from '../port.ts';
import { isInForce } from './turn-rules.ts';
import type { Topology } from './weigh.ts';

/**
 * Names all moments alike at which the same streets are open and the same turns allowed: they share one hierarchy. A city has a
 * handful of such classes in a week.
 */
export function hourClass(topology: Topology, at: Moment | undefined): string {
  if (at === undefined) return 'always';
  const { network, profile, graph, search } = topology;
  const sets = new Set(graph.arcCondition.filter((set) => set >= 0));
  const uses = [...sets].map((set) => {
    const { forwardKmh, backwardKmh } = profile.useOf(network.tagSets[set]!, at);
    return `${forwardKmh}/${backwardKmh}`;
  });
  const turns = search.bans.map((rules) => (rules.some((rule) => isInForce(rule, at, topology)) ? 1 : 0));
  return `${uses.join()} ${turns.join('')}`;
}
