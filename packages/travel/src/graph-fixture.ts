import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createEngine, type Engine } from './engine.ts';
import { writeMap, type MapFixture } from './fixtures.ts';
import { buildGraph } from './graph/build-graph.ts';
import { createStreets } from './graph/streets.ts';
import { turnRules, type TurnRule } from './graph/turn-rules.ts';
import { readNetwork } from './osm/read-network.ts';
import type { Moment, ProfileName, Dimensions } from './port.ts';
import { prepareHierarchy, prepareTopology, type Prepared } from './prepare.ts';
import { settingsOf } from './profiles/index.ts';

export interface Asked {
  profile?: ProfileName;
  dimensions?: Dimensions;
  pedestrianHours?: string;
  at?: Moment;
}

/** A street given by the names of its corners. */
export type Street = [id: number, corners: string, tags?: Record<string, string>];

const STEP = 0.001;

/**
 * Draws a map on squared paper: each letter of the picture is a corner, one step of 0.001 degrees from the next (about 111 m
 * to the north and, at 60 degrees north, 56 m to the east).
 */
export function drawMap(
  picture: string[],
  streets: Street[],
  more: { relations?: MapFixture['relations']; nodeTags?: Record<string, Record<string, string>> } = {},
): MapFixture {
  const nodes = picture.flatMap((line, row) =>
    [...line].flatMap((letter, column) =>
      letter === ' ' ? [] : [{ id: idOf(letter), ...corner(row, column), tags: more.nodeTags?.[letter] ?? {} }],
    ),
  );
  const ways = streets.map(([id, corners, tags = {}]) => ({
    id,
    refs: [...corners].map(idOf),
    tags: { highway: 'residential', ...tags },
  }));
  return { nodes, ways, ...(more.relations && { relations: more.relations }) };
}

const corner = (row: number, column: number) => ({ lat: 60 - row * STEP, lon: 5 + column * STEP });

export function idOf(letter: string): number {
  return letter.codePointAt(0)!;
}

/** Position of a corner, or part of the way from one to another. */
export function at(picture: string[], letter: string, to = letter, part = 0): { lat: number; lon: number } {
  const place = (name: string) => {
    const row = picture.findIndex((line) => line.includes(name));
    return corner(row, picture[row]!.indexOf(name));
  };
  const [a, b] = [place(letter), place(to)];
  return { lat: a.lat + (b.lat - a.lat) * part, lon: a.lon + (b.lon - a.lon) * part };
}

/** Prepares a map for questions, in memory. */
export function prepareMap(map: MapFixture, asked: Asked = {}): Prepared & { rules: TurnRule[]; engine: Engine } {
  const folder = mkdtempSync(join(tmpdir(), 'ronde-map-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'map.osm.pbf');
  writeMap(file, map);
  return prepareFile(file, asked);
}

/** Prepares an extract for questions, in memory. */
export function prepareFile(file: string, asked: Asked = {}): Prepared & { rules: TurnRule[]; engine: Engine } {
  const network = readNetwork(file);
  const settings = settingsOf(asked);
  const { topology, index } = prepareTopology(network, settings, { fingerprint: 'test' });
  const { weighted, hierarchy } = prepareHierarchy(topology, { at: asked.at }, {});
  const prepared = { topology, weighted, hierarchy, index, streets: createStreets(network) };
  const built = buildGraph(network, topology.profile, topology.hourly);
  const rules = turnRules(network, topology.profile, { built, moments: topology.hourly.moments });
  return { ...prepared, rules, engine: createEngine(prepared) };
}
