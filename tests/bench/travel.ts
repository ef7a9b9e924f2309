import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRoadGraph } from '../../packages/travel/src/adapters/road-graph.ts';
import { createEngine } from '../../packages/travel/src/engine.ts';
import { createEnds } from '../../packages/travel/src/graph/ends.ts';
import { createStreets } from '../../packages/travel/src/graph/streets.ts';
import { dmOf, msOf } from '../../packages/travel/src/hierarchy/weight.ts';
import { readNetwork } from '../../packages/travel/src/osm/read-network.ts';
import type { LatLon } from '@ronde/contracts';
import { prepareHierarchy, prepareTopology, type Prepared } from '../../packages/travel/src/prepare.ts';
import { settingsOf } from '../../packages/travel/src/profiles/index.ts';
import { sharedData } from '../shared-data.ts';
import { createDijkstra } from './_link-dijkstra.ts';

/** Stops of the matrix, and how many of their rows plain Dijkstra makes too. */
const STOPS = 1000;
const ROWS = 40;
const SPEED = { speedKmh: 30 };

/** Files: those of the data set, or the one that OSM_FILE names. */
function files(): string[] {
  const own = process.env.OSM_FILE;
  if (own) return [own];
  return ['monaco', 'heidelberg', 'porto_portugal'].flatMap((name) => sharedData(`osm/${name}.osm.pbf`) ?? []);
}

interface Cost {
  wallMs: number;
  cpuMs: number;
}

async function timed<T>(work: () => T | Promise<T>): Promise<{ value: T; cost: Cost }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, cost: { wallMs: Math.round(performance.now() - start), cpuMs: Math.round((user + system) / 1000) } };
}

function randomPlaces({ topology: { network } }: Prepared, count: number): LatLon[] {
  let state = 42;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const node = Math.floor((state / 2 ** 32) * network.lat.length);
    return { lat: network.lat[node]! / 1e7, lon: network.lon[node]! / 1e7 };
  });
}

/** Rows of the matrix by plain Dijkstra on the same links, and how many pairs differ in seconds or metres. */
function compare(
  prepared: Prepared,
  places: LatLon[],
  matrix: { distanceM: Int32Array; durationS: Int32Array },
): number {
  const { topology, weighted, hierarchy, index } = prepared;
  const ends = createEnds(topology, weighted, hierarchy);
  const landings = places.map((place) => ends.land(index.nearest(place, 1000, ends.isUsable)!, 'any'));
  const targets = landings.map((landing) => ends.targetSeeds(landing));
  const dijkstra = createDijkstra(weighted.links);
  let mismatches = 0;
  for (let from = 0; from < ROWS; from++) {
    const seeds = ends.sourceSeeds(landings[from]!);
    const start = Array.from({ length: seeds.count }, (_, i) => ({
      node: hierarchy.nodeOf[seeds.rank[i]!]!,
      weight: seeds.weight[i]!,
    }));
    const distance = dijkstra(start);
    targets.forEach((target, to) => {
      if (from === to) return;
      const [a, b] = [landings[from]!, landings[to]!];
      let best = a.section === b.section ? ends.along(a, b) : Infinity;
      for (let i = 0; i < target.count; i++)
        best = Math.min(best, distance[hierarchy.nodeOf[target.rank[i]!]!]! + target.weight[i]!);
      const at = from * places.length + to;
      if (
        matrix.durationS[at] !== Math.round(msOf(best) / 1000) ||
        matrix.distanceM[at] !== Math.round(dmOf(best) / 10)
      )
        mismatches++;
    });
  }
  return mismatches;
}

async function measure(file: string): Promise<object> {
  const settings = settingsOf({ profile: 'truck' });
  const read = await timed(() => readNetwork(file));
  const built = await timed(() => prepareTopology(read.value, settings, { fingerprint: 'bench' }));
  const contracted = await timed(() => prepareHierarchy(built.value.topology, {}, {}));
  const prepared: Prepared = { ...built.value, ...contracted.value, streets: createStreets(read.value) };
  const engine = createEngine(prepared);
  const places = randomPlaces(prepared, STOPS * 2)
    .filter((place) => engine.matrix([place], SPEED).snaps![0]!.state !== 'off-map')
    .slice(0, STOPS);
  const first = await timed(() => engine.matrix(places, SPEED));
  const again = await timed(() => engine.matrix(places, SPEED));
  const plain = await timed(() => compare(prepared, places, first.value));
  const times = STOPS / ROWS;
  const sum = (...costs: Cost[]): Cost => ({
    wallMs: costs.reduce((all, { wallMs }) => all + wallMs, 0),
    cpuMs: costs.reduce((all, { cpuMs }) => all + cpuMs, 0),
  });
  const { topology, weighted, hierarchy } = prepared;
  return {
    file: file.split('/').at(-1),
    vertices: topology.graph.vertices,
    arcs: topology.graph.arcFrom.length,
    turns: weighted.links.to.length,
    shortcuts: hierarchy.up.other.length + hierarchy.down.other.length - weighted.links.to.length,
    prepare: {
      read: read.cost,
      graph: built.cost,
      hierarchy: contracted.cost,
      all: sum(read.cost, built.cost, contracted.cost),
    },
    matrix1000: first.cost,
    matrix1000Again: again.cost,
    plainDijkstra1000: { ...scale(plain.cost, times), extrapolatedFrom: ROWS },
    pairsCompared: ROWS * (STOPS - 1),
    mismatches: plain.value,
    inThread: await inThread(file, places),
  };
}

function scale({ wallMs, cpuMs }: Cost, times: number): Cost {
  return { wallMs: Math.round(wallMs * times), cpuMs: Math.round(cpuMs * times) };
}

/** As a service uses it: prepared in its thread, then from what was kept; how long the event loop waited meanwhile. */
async function inThread(file: string, places: LatLon[]): Promise<object> {
  const cacheDir = mkdtempSync(join(tmpdir(), 'ronde-bench-'));
  const idle = await idleDelayMs();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  try {
    delay.enable();
    const cold = await timed(() => openRoadGraph(file, { cacheDir }));
    const prepared = await timed(() => cold.value.ready);
    const matrix = await timed(() => cold.value.matrix(places, SPEED));
    await cold.value.close();
    const warm = await openRoadGraph(file, { cacheDir });
    const kept = await timed(() => warm.ready);
    await warm.close();
    delay.disable();
    const p99 = Math.round(delay.percentile(99) / 1e4) / 100;
    return {
      prepare: prepared.cost,
      prepareFromDisk: kept.cost,
      matrix1000: matrix.cost,
      eventLoopDelayP99Ms: p99,
      eventLoopDelayP99IdleMs: idle,
    };
  } finally {
    rmSync(cacheDir, { recursive: true });
  }
}

/** What the event loop waits on this machine when nothing is asked of it: what others' load costs. */
async function idleDelayMs(): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await sleep(3000);
  delay.disable();
  return Math.round(delay.percentile(99) / 1e4) / 100;
}

/** Prepares extracts and makes matrices, with plain Dijkstra on the same graph beside them. */
export async function run(): Promise<object> {
  const found = files();
  if (found.length === 0) return { skipped: 'no extract at hand: set OSM_FILE to an .osm.pbf file' };
  const rows = [];
  for (const file of found) rows.push(await measure(file));
  return { loadAverage: loadavg()[0], stops: STOPS, rows };
}
