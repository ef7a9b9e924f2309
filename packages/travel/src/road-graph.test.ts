import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, onTestFinished, test } from 'vitest';
import { openRoadGraph, type RoadGraphTravel } from './adapters/road-graph.ts';
import { encodeMap, writeMap, type EncodeOptions } from './fixtures.ts';
import { at, drawMap, type Street } from './graph-fixture.ts';
import { openTravel } from './index.ts';

const PICTURE = ['A B C', '     ', 'D E F', '     ', 'G H I'];
const STREETS: Street[] = [
  [1, 'ABC'],
  [2, 'DEF'],
  [3, 'GHI'],
  [4, 'ADG'],
  [5, 'BEH'],
  [6, 'CFI'],
];
const MAP = drawMap(PICTURE, STREETS);
const CORNERS = [...'ABCDEFGHI'].map((letter) => at(PICTURE, letter));
const SPEED = { speedKmh: 28 };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ronde-roads-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

async function open(path: string, cacheDir?: string): Promise<RoadGraphTravel> {
  const travel = await openRoadGraph(path, { cacheDir });
  onTestFinished(() => travel.close());
  return travel;
}

test.each<[string, EncodeOptions]>([
  ['dense nodes in zlib blobs', {}],
  ['plain nodes', { plainNodes: true }],
  ['raw blobs', { raw: true }],
  ['many small blocks', { perBlock: 2 }],
])('an extract with %s gives the same matrix', async (_, options) => {
  const file = join(folder(), 'map.osm.pbf');
  writeMap(file, MAP, options);
  const { n, distanceM, durationS, snaps } = await (await open(file)).matrix(CORNERS, SPEED);
  expect(n).toBe(9);
  // A to I over four streets: two of 111 m north to south twice, two of 111 m west to east
  expect(distanceM[8]).toBeGreaterThan(660);
  expect(distanceM[8]).toBeLessThan(675);
  expect(distanceM[8]).toBe(distanceM[8 * 9]);
  expect(durationS[8]).toBeGreaterThan((670 * 3.6) / 25 - 2);
  expect(snaps!.every(({ state }) => state === 'road')).toBe(true);
});

test('a URL opens it, with its graphs kept in the data folder, and the second start reads them', async () => {
  const dir = folder();
  const file = join(dir, 'map.osm.pbf');
  writeMap(file, MAP);
  const first = await openTravel(`osm:${file}`, { dataDir: dir });
  const before = await first.matrix(CORNERS, SPEED);
  await first.close();
  const kept = readdirSync(join(dir, 'travel'));
  expect(kept.map((name) => name.split('-')[0]).sort()).toEqual(['graph', 'hierarchy', 'network']);
  const second = await open(file, join(dir, 'travel'));
  expect((await second.ready).doubts).toEqual([]);
  expect(await second.matrix(CORNERS, SPEED)).toEqual(before);
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['cut off', (bytes) => bytes.subarray(0, bytes.length / 2)],
  ['changed in one bit', (bytes) => (bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 4, bytes.length - 9), bytes)],
  ['of another layout', (bytes) => (bytes.writeUInt32LE(99, 8), bytes)],
  ['empty', () => Buffer.alloc(0)],
])('a kept graph that is %s is made anew and never trusted', async (_, spoil) => {
  const dir = folder();
  const file = join(dir, 'map.osm.pbf');
  writeMap(file, MAP);
  const cacheDir = join(dir, 'cache');
  const first = await openRoadGraph(file, { cacheDir });
  const before = await first.matrix(CORNERS, SPEED);
  await first.close();
  for (const name of readdirSync(cacheDir))
    writeFileSync(join(cacheDir, name), spoil(readFileSync(join(cacheDir, name))));
  const second = await open(file, cacheDir);
  expect((await second.ready).doubts).toHaveLength(3);
  expect(await second.matrix(CORNERS, SPEED)).toEqual(before);
});

test('another extract under the same name is read, and what was kept of the old one is removed', async () => {
  const dir = folder();
  const file = join(dir, 'map.osm.pbf');
  const cacheDir = join(dir, 'cache');
  writeMap(file, MAP);
  const first = await openRoadGraph(file, { cacheDir });
  const before = await first.matrix(CORNERS, SPEED);
  await first.close();
  writeMap(
    file,
    drawMap(
      PICTURE,
      STREETS.map(([id, corners]): Street => [id, corners, id === 2 ? { oneway: 'yes' } : {}]),
    ),
  );
  const second = await open(file, cacheDir);
  const after = await second.matrix(CORNERS, SPEED);
  expect(after.distanceM).not.toEqual(before.distanceM);
  expect(readdirSync(cacheDir)).toHaveLength(3);
});

test.each<[string, (path: string) => void, RegExp]>([
  ['is missing', () => undefined, /cannot be opened \(ENOENT\).*put an extract there/],
  ['is empty', (path) => writeFileSync(path, ''), /is empty.*fetch the extract again/],
  ['is XML', (path) => writeFileSync(path, '<?xml version="1.0"?><osm/>'), /not those of an \.osm\.pbf/],
  ['is a history', (path) => writeMap(path, MAP, { features: ['HistoricalInformation'] }), /HistoricalInformation/],
])('a file that %s is refused with the remedy', async (_, make, message) => {
  const file = join(folder(), 'map.osm.pbf');
  make(file);
  await expect(openRoadGraph(file)).rejects.toThrow(message);
  await expect(openRoadGraph(file)).rejects.toMatchObject({ code: 'TRAVEL_FILE_UNREADABLE' });
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['cut off in the middle', (bytes) => bytes.subarray(0, bytes.length - 40)],
  ['overwritten in the middle', (bytes) => bytes.fill(0x55, bytes.length - 60)],
])('a file that is %s tells so at the first question', async (_, spoil) => {
  const file = join(folder(), 'map.osm.pbf');
  writeFileSync(file, spoil(encodeMap(MAP, { perBlock: 3 })));
  const travel = await open(file);
  await expect(travel.ready).rejects.toMatchObject({ code: 'TRAVEL_FILE_UNREADABLE' });
  await expect(travel.matrix(CORNERS, SPEED)).rejects.toThrow(/fetch the extract again/);
});

test('an area that is closed is driven round, for the vehicles it is meant for', async () => {
  const file = join(folder(), 'map.osm.pbf');
  writeMap(file, MAP);
  const travel = await open(file);
  const [from, to] = [at(PICTURE, 'D', 'E', 0.5), at(PICTURE, 'E', 'F', 0.5)];
  const ring = (letter: string) => {
    const { lat, lon } = at(PICTURE, letter);
    const r = 0.0002;
    const corners = [
      [-r, -r],
      [r, -r],
      [r, r],
      [-r, r],
      [-r, -r],
    ];
    return [corners.map(([dx, dy]): [number, number] => [lon + dx!, lat + dy!])];
  };
  const closures = [{ geometry: { type: 'Polygon' as const, coordinates: ring('E') } }];
  const open1 = await travel.matrix([from, to], SPEED);
  const shut = await travel.matrix([from, to], { ...SPEED, closures });
  const light = await travel.matrix([from, to], { ...SPEED, closures: [{ ...closures[0]!, above: { weightT: 30 } }] });
  expect(shut.snaps!.map(({ state }) => state)).toEqual(['cut-off', 'cut-off']);
  expect(shut.distanceM[1]).toBeGreaterThan(open1.distanceM[1]! * 2);
  expect(light).toEqual(open1);
});

test('a road that is closed by a line over it is not driven', async () => {
  const file = join(folder(), 'map.osm.pbf');
  writeMap(file, MAP);
  const travel = await open(file);
  const places = [at(PICTURE, 'D', 'E', 0.5), at(PICTURE, 'B', 'E', 0.5)];
  const line = ['D', 'E'].map((letter): [number, number] => [at(PICTURE, letter).lon, at(PICTURE, letter).lat]);
  const [path] = await travel.paths([at(PICTURE, 'A', 'D', 0.5), at(PICTURE, 'E', 'F', 0.5)], {
    ...SPEED,
    closures: [{ geometry: { type: 'LineString', coordinates: line } }],
  });
  expect(path!.line.coordinates).not.toContainEqual(line[0]);
  expect((await travel.matrix(places, SPEED)).snaps![0]!.state).toBe('road');
});

test('matrices and preparing leave the event loop free', async () => {
  const file = join(folder(), 'map.osm.pbf');
  writeMap(file, MAP);
  const travel = await open(file);
  const many = Array.from({ length: 900 }, (_, i) => CORNERS[i % 9]!);
  await travel.matrix(many, SPEED);
  let turns = 0;
  const turn = setInterval(() => turns++, 1);
  onTestFinished(() => clearInterval(turn));
  const delay = monitorEventLoopDelay();
  delay.enable();
  const { distanceM } = await travel.matrix(many, SPEED);
  expect(turns).toBeGreaterThan(0);
  expect(distanceM.buffer).toBeInstanceOf(SharedArrayBuffer);
});
