import { expect, test } from 'vitest';
import { sharedData } from '../../../tests/shared-data.ts';
import { prepareFile, prepareMap, type Asked } from './graph-fixture.ts';
import type { MapFixture } from './fixtures.ts';
import { reverseOf } from './graph/road-graph.ts';
import { contract } from './hierarchy/contract.ts';
import { rank, type Hierarchy } from './hierarchy/hierarchy.ts';
import { manyToMany } from './hierarchy/many-to-many.ts';
import { createPathSearch } from './hierarchy/path.ts';
import { orderOf } from './prepare.ts';
import { plainDijkstra } from './plain-dijkstra-fixture.ts';

type Ready = ReturnType<typeof prepareFile>;

/** Random numbers from a seed, so that a failure can be seen again. */
function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A town of a few blocks with one-way streets, signals, bollards, dead ends and every kind of turn restriction. */
function randomTown(seed: number): MapFixture {
  const random = randomly(seed);
  const [rows, columns] = [5, 6];
  const nodes: MapFixture['nodes'] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const tags: Record<string, string> | undefined = [{ highway: 'traffic_signals' }, { barrier: 'bollard' }][
        random(16)
      ] as Record<string, string> | undefined;
      const [lat, lon] = [52 + row * 0.001 + random(9) * 1e-5, 5 + column * 0.001 + random(9) * 1e-5];
      nodes.push({ id: 1 + row * columns + column, lat, lon, ...(tags && { tags }) });
    }
  const ways: MapFixture['ways'] = [];
  for (const { id } of nodes)
    for (const other of [id % columns === 0 ? 0 : id + 1, id + columns]) {
      if (other === 0 || other > rows * columns || random(9) === 0) continue;
      const oneway = [{ oneway: 'yes' }, { oneway: '-1' }][random(8)];
      const highway = ['residential', 'tertiary', 'service', 'primary'][random(4)]!;
      ways.push({ id: 1000 + ways.length, refs: [id, other], tags: { highway, ...oneway } });
    }
  const at = (node: number) => ways.filter(({ refs }) => refs.includes(node));
  const relations: NonNullable<MapFixture['relations']> = [];
  for (let id = 1; id <= 14; id++) {
    const from = ways[random(ways.length)]!;
    const node = from.refs[random(2)]!;
    const via = at(node)[random(at(node).length)]!;
    const end = via.refs.find((ref) => ref !== node)!;
    const isWay = random(2) === 0 && via !== from;
    const to = at(isWay ? end : node)[random(at(isWay ? end : node).length)]!;
    const restriction = ['no_left_turn', 'no_u_turn', 'only_straight_on', 'only_left_turn'][random(4)]!;
    relations.push({
      id,
      tags: { type: 'restriction', restriction },
      members: [
        { type: 'way', id: from.id, role: 'from' },
        isWay ? { type: 'way', id: via.id, role: 'via' } : { type: 'node', id: node, role: 'via' },
        { type: 'way', id: to.id, role: 'to' },
      ],
    });
  }
  return { nodes, ways, relations };
}

/** Compares weights of paths from some arcs to all others with those of plain Dijkstra; gives what differs. */
function mismatches({ topology, weighted, rules }: Ready, hierarchy: Hierarchy, starts: number[]): object[] {
  const { graph, search } = topology;
  const statesOf = new Map<number, number[]>();
  search.arcOf!.forEach((arc, state) => statesOf.set(arc, [...(statesOf.get(arc) ?? []), state]));
  const arcs = [...graph.arcFrom.keys()];
  const seeds = (states: number[]) => ({
    count: states.length,
    rank: Int32Array.from(states, (state) => hierarchy.rankOf[state]!),
    weight: new Float64Array(states.length),
  });
  const mayReverse = (arc: number): boolean => weighted.mayReverse[arc] === 1;
  const plain = plainDijkstra(topology, rules, { arcWeight: weighted.arcWeight, mayReverse });
  const wrong: object[] = [];
  const targets = arcs.map((arc) => seeds(statesOf.get(arc)!));
  manyToMany(hierarchy, { sources: starts.map((arc) => seeds([arc])), targets }, (source, weights) => {
    const expected = plain(starts[source]!);
    arcs.forEach((arc) => {
      const [ours, theirs] = [weights[arc]!, expected.get(arc) ?? Infinity];
      if (ours !== theirs) wrong.push({ from: starts[source], to: arc, ours, theirs });
    });
  });
  return wrong;
}

const usable = ({ topology, weighted }: Ready): number[] =>
  [...topology.graph.arcFrom.keys()].filter((arc) => weighted.isConnected[arc]);

test('on two hundred made towns every path is as fast and as long as plain Dijkstra finds it', () => {
  let compared = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const town = prepareMap(randomTown(seed));
    // where a restriction over ways makes a dead end of its own, the plain search cannot tell: those towns are left out
    const { search } = town.topology;
    const hasOwnEnd = search.arcOf!.some(
      (arc, state) => town.weighted.mayReverse[state] !== town.weighted.mayReverse[arc],
    );
    if (hasOwnEnd) continue;
    const starts = usable(town);
    compared += starts.length * town.topology.graph.arcFrom.length;
    expect(mismatches(town, town.hierarchy, starts), `seed ${seed}`).toEqual([]);
  }
  expect(compared).toBeGreaterThan(200_000);
});

test('a path is as long as its parts, link by link, also over many shortcuts', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { topology, weighted, hierarchy } = prepareMap(randomTown(seed));
    const { links } = weighted;
    const find = createPathSearch(hierarchy);
    const seed1 = (node: number) => ({
      count: 1,
      rank: Int32Array.of(hierarchy.rankOf[node]!),
      weight: Float64Array.of(0),
    });
    const linkWeight = (from: number, to: number): number => {
      let best = Infinity;
      for (let link = links.start[from]!; link < links.start[from + 1]!; link++)
        if (links.to[link] === to) best = Math.min(best, links.weight[link]!);
      return best;
    };
    for (let from = 0; from < topology.search.nodes; from += 3)
      for (let to = 1; to < topology.search.nodes; to += 5) {
        const found = find(seed1(from), seed1(to));
        if (!found) continue;
        const sum = found.nodes.slice(1).reduce((whole, node, i) => whole + linkWeight(found.nodes[i]!, node), 0);
        expect(sum).toBe(found.weight);
      }
  }
});

test('an order made for other weights gives the same paths', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const town = prepareMap(randomTown(seed));
    const other = rank(contract(town.weighted.links, { order: orderOf(town.hierarchy).reverse() }));
    const { search } = town.topology;
    const hasOwnEnd = search.arcOf!.some(
      (arc, state) => town.weighted.mayReverse[state] !== town.weighted.mayReverse[arc],
    );
    if (!hasOwnEnd) expect(mismatches(town, other, usable(town)), `seed ${seed}`).toEqual([]);
  }
});

test('turning round needs a dead end', () => {
  const town = prepareMap(randomTown(3));
  const { graph, search } = town.topology;
  const { links, mayReverse } = town.weighted;
  let turns = 0;
  for (let state = 0; state < search.nodes; state++)
    for (let link = links.start[state]!; link < links.start[state + 1]!; link++)
      if (reverseOf(graph, search.arcOf![state]!) === links.drives[link]) {
        turns++;
        expect(mayReverse[state]).toBe(1);
      }
  expect(turns).toBeGreaterThan(0);
});

const ASKED: [file: string, asked: Asked][] = [
  ['monaco', { profile: 'truck' }],
  ['monaco', { profile: 'car', at: { weekday: 3, minute: 9 * 60 } }],
  ['heidelberg', { profile: 'truck', at: { weekday: 2, minute: 8 * 60 } }],
];

test.each(ASKED)('on %s with %j there is no difference from plain Dijkstra', (file, asked) => {
  const path = sharedData(`osm/${file}.osm.pbf`);
  if (!path) {
    process.stderr.write(`skipped: ${file}.osm.pbf of the public data set is not at hand\n`);
    return;
  }
  const city = prepareFile(path, asked);
  const random = randomly(7);
  const arcs = usable(city);
  const starts = Array.from({ length: 6 }, () => arcs[random(arcs.length)]!);
  expect(mismatches(city, city.hierarchy, starts)).toEqual([]);
});
