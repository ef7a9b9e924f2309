import { expect, test } from 'vitest';
import { at, drawMap, idOf, prepareMap, type Street } from './graph-fixture.ts';
import type { MapFixture } from './fixtures.ts';

/*
 * A block with a street through it:
 *   A B C
 *   D E F
 *   G H I
 */
const BLOCK = ['A B C', '     ', 'D E F', '     ', 'G H I'];
const STREETS: Street[] = [
  [1, 'ABC'],
  [2, 'DEF'],
  [3, 'GHI'],
  [4, 'ADG'],
  [5, 'BEH'],
  [6, 'CFI'],
];

function legs(map: MapFixture, from: [string, string], to: [string, string], asked = {}) {
  const { engine } = prepareMap(map, asked);
  const positions = [at(BLOCK, ...from, 0.5), at(BLOCK, ...to, 0.5)];
  const { distanceM, durationS } = engine.matrix(positions, { speedKmh: 28 });
  const [path] = engine.paths(positions, { speedKmh: 28 });
  return { distanceM: distanceM[1]!, durationS: durationS[1]!, path: path! };
}

/** Corners that a path passes. */
function passes(path: { line: { coordinates: [number, number][] } }): string {
  return path.line.coordinates
    .slice(1, -1)
    .map(([lon, lat]) => [...'ABCDEFGHI'].find((name) => isAt(at(BLOCK, name), { lat, lon })) ?? '?')
    .join('');
}

function isAt(a: { lat: number; lon: number }, b: { lat: number; lon: number }): boolean {
  return Math.abs(a.lat - b.lat) < 1e-6 && Math.abs(a.lon - b.lon) < 1e-6;
}

const restriction = (kind: string, from: number, via: string | number, to: number, tags = {}) => ({
  relations: [
    {
      id: 1,
      tags: { type: 'restriction', restriction: kind, ...tags },
      members: [
        { type: 'way' as const, id: from, role: 'from' },
        typeof via === 'string'
          ? { type: 'node' as const, id: idOf(via), role: 'via' }
          : { type: 'way' as const, id: via, role: 'via' },
        { type: 'way' as const, id: to, role: 'to' },
      ],
    },
  ],
});

test('the way through a block is as long as its streets, and the path of a map says the same', () => {
  const { distanceM, durationS, path } = legs(drawMap(BLOCK, STREETS), ['D', 'E'], ['B', 'E']);
  // half of 111 m eastwards, half of 222 m northwards
  expect(distanceM).toBeGreaterThan(160);
  expect(distanceM).toBeLessThan(172);
  expect(path.distanceM).toBe(distanceM);
  expect(path.durationS).toBe(durationS);
  expect(passes(path)).toBe('E');
});

const SPLIT: Street[] = [
  ...STREETS.filter(([id]) => id !== 2 && id !== 5),
  [20, 'DE'],
  [21, 'EF'],
  [50, 'BE'],
  [51, 'EH'],
];

test('only_straight_on leaves no other turn', () => {
  const map = drawMap(BLOCK, SPLIT, restriction('only_straight_on', 20, 'E', 21));
  expect(passes(legs(map, ['D', 'E'], ['E', 'F']).path)).toBe('E');
  expect(passes(legs(map, ['D', 'E'], ['B', 'E']).path)).not.toBe('E');
  expect(passes(legs(map, ['D', 'E'], ['E', 'H']).path)).not.toBe('E');
});

test('a restriction that excepts heavy vehicles does not hold a truck, and still holds a car', () => {
  const map = drawMap(BLOCK, SPLIT, restriction('no_left_turn', 20, 'E', 50, { except: 'bicycle;hgv' }));
  expect(passes(legs(map, ['D', 'E'], ['B', 'E']).path)).toBe('E');
  expect(passes(legs(map, ['D', 'E'], ['B', 'E'], { profile: 'car' }).path)).not.toBe('E');
});

test('a restriction for heavy vehicles only holds a truck, and not a car', () => {
  const map = drawMap(BLOCK, SPLIT, {
    relations: restriction('', 20, 'E', 50).relations.map((relation) => ({
      ...relation,
      tags: { type: 'restriction', 'restriction:hgv': 'no_left_turn' },
    })),
  });
  expect(passes(legs(map, ['D', 'E'], ['B', 'E']).path)).not.toBe('E');
  expect(passes(legs(map, ['D', 'E'], ['B', 'E'], { profile: 'car' }).path)).toBe('E');
});

test('a restriction over a way in between holds for who came from its start, and for nobody else', () => {
  // from DE over EF to FI is forbidden; coming from BE it is free
  const map = drawMap(
    BLOCK,
    [...SPLIT.filter(([id]) => id !== 6), [60, 'CF'], [61, 'FI']],
    restriction('no_right_turn', 20, 21, 61),
  );
  expect(passes(legs(map, ['D', 'E'], ['F', 'I']).path)).not.toContain('EF');
  expect(passes(legs(map, ['B', 'E'], ['F', 'I']).path)).toBe('EF');
});

test('an only_ restriction over a way in between prescribes its end', () => {
  const map = drawMap(
    BLOCK,
    [...SPLIT.filter(([id]) => id !== 6), [60, 'CF'], [61, 'FI']],
    restriction('only_left_turn', 20, 21, 60),
  );
  expect(passes(legs(map, ['D', 'E'], ['F', 'I']).path)).not.toMatch(/^EF$/);
  expect(passes(legs(map, ['B', 'E'], ['F', 'I']).path)).toBe('EF');
});

test.each([
  ['yes', 'goes straight'],
  ['-1', 'comes from the other end'],
])('with oneway=%s on the street from E to B the truck %s', (oneway, _) => {
  const streets = SPLIT.map(([id, corners, tags]): Street => [
    id,
    id === 50 ? 'EB' : corners,
    id === 50 ? { oneway } : tags,
  ]);
  const { path } = legs(drawMap(BLOCK, streets), ['D', 'E'], ['B', 'E']);
  if (oneway === 'yes') expect(passes(path)).toBe('E');
  else expect(passes(path)).toMatch(/B$/);
});

test('a roundabout is driven one way round without a tag that says so', () => {
  const picture = ['XA BY', '     ', ' D C '];
  const map = drawMap(picture, [
    [1, 'ABCDA', { junction: 'roundabout' }],
    [2, 'XA'],
    [3, 'BY'],
  ]);
  const { engine } = prepareMap(map);
  const there = engine.paths([at(picture, 'X', 'A', 0.5), at(picture, 'B', 'Y', 0.5)], { speedKmh: 28 })[0]!;
  const back = engine.paths([at(picture, 'B', 'Y', 0.5), at(picture, 'X', 'A', 0.5)], { speedKmh: 28 })[0]!;
  expect(back.distanceM).toBeGreaterThan(there.distanceM * 2);
});

test('nobody turns round on a street that goes on: the other side of it is a way round the block', () => {
  const { engine } = prepareMap(drawMap(BLOCK, STREETS));
  const middle = at(BLOCK, 'D', 'E', 0.5);
  const [north, south] = [0.00005, -0.00005].map((off) => ({ ...middle, lat: middle.lat + off }));
  const kerb = engine.matrix([north!, south!], { speedKmh: 28, approach: 'kerb' });
  expect(kerb.distanceM[1]).toBeGreaterThan(600);
  expect(engine.matrix([north!, south!], { speedKmh: 28 }).distanceM[1]).toBe(0);
});

test('at a dead end the truck reverses: there and back takes its time', () => {
  const picture = ['A B C', '     ', 'D E F', '     ', '  G  '];
  const { engine } = prepareMap(
    drawMap(picture, [
      [1, 'ABC'],
      [2, 'DEF'],
      [3, 'AD'],
      [4, 'CF'],
      [5, 'EG'],
    ]),
  );
  const right = { ...at(picture, 'E', 'G', 0.5), lon: at(picture, 'E').lon - 0.00005 };
  const left = { ...at(picture, 'E', 'G', 0.5), lon: at(picture, 'E').lon + 0.00005 };
  const { distanceM, durationS } = engine.matrix([right, left], { speedKmh: 28, approach: 'kerb' });
  // 111 m on to the end and back: 222 m at 25 km/h, and a minute to reverse
  expect(distanceM[1]).toBeGreaterThan(215);
  expect(distanceM[1]).toBeLessThan(230);
  expect(durationS[1]).toBe(Math.round((distanceM[1]! * 3.6) / 25) + 60);
});

test.each([
  [{ maxheight: '3.5' }, { heightM: 3.8 }, { heightM: 3.2 }],
  [{ maxweight: '7.5 t' }, { weightT: 18 }, { weightT: 7 }],
  [{ maxwidth: `7'6"` }, { widthM: 2.55 }, { widthM: 2.2 }],
  [{ maxlength: '8' }, { lengthM: 10 }, { lengthM: 7 }],
  [{ maxaxleload: '6' }, { axleLoadT: 11.5 }, { axleLoadT: 5 }],
  [{ 'maxweight:conditional': 'none @ (weight<20)', maxweight: '3.5' }, { weightT: 26 }, { weightT: 19 }],
])('%j keeps out %j and lets in %j', (tags, large, small) => {
  const map = drawMap(
    BLOCK,
    SPLIT.map(([id, corners, own]): Street => [id, corners, id === 50 ? tags : own]),
  );
  const reached = (dimensions: object) => {
    const { engine } = prepareMap(map, { dimensions });
    return engine.matrix([at(BLOCK, 'D', 'E', 0.5), at(BLOCK, 'E', 'B', 0.5)], { speedKmh: 28 }).snaps![1]!.state;
  };
  expect(reached(large)).toBe('cut-off');
  expect(reached(small)).toBe('road');
});

test.each([
  [{ access: 'no' }, false],
  [{ access: 'no', motor_vehicle: 'yes' }, true],
  [{ vehicle: 'no', hgv: 'yes' }, true],
  [{ motor_vehicle: 'private' }, false],
  [{ hgv: 'no' }, false],
  [{ hgv: 'destination' }, true],
  [{ highway: 'pedestrian' }, false],
  [{ highway: 'pedestrian', vehicle: 'delivery' }, true],
  [{ highway: 'footway' }, false],
])('a street with %j is open to a truck: %s', (tags, isOpen) => {
  const map = drawMap(
    BLOCK,
    SPLIT.map(([id, corners, own]): Street => [id, corners, id === 50 ? tags : own]),
  );
  const { engine } = prepareMap(map);
  const [, snap] = engine.matrix([at(BLOCK, 'D', 'E', 0.5), at(BLOCK, 'E', 'B', 0.5)], { speedKmh: 28 }).snaps!;
  // at the half of EB the corners are 111 m away
  expect(snap!.distanceM < 5).toBe(isOpen);
});

test('a pedestrian street opens at its hours, a conditional one at those of its tag', () => {
  const tagged = (tags: Record<string, string>) =>
    drawMap(
      BLOCK,
      SPLIT.map(([id, corners, own]): Street => [id, corners, id === 50 ? tags : own]),
    );
  const isOpen = (map: MapFixture, moment: { weekday: number; minute: number }) => {
    const { engine } = prepareMap(map, { at: moment, pedestrianHours: 'Mo-Fr 07:00-11:00' });
    return engine.matrix([at(BLOCK, 'E', 'B', 0.5)], { speedKmh: 28 }).snaps![0]!.distanceM < 5;
  };
  const zone = tagged({ highway: 'pedestrian' });
  expect(isOpen(zone, { weekday: 2, minute: 8 * 60 })).toBe(true);
  expect(isOpen(zone, { weekday: 2, minute: 12 * 60 })).toBe(false);
  expect(isOpen(zone, { weekday: 6, minute: 8 * 60 })).toBe(false);
  const school = tagged({ 'motor_vehicle:conditional': 'no @ (Mo-Fr 08:00-09:00,14:30-15:30)' });
  expect(isOpen(school, { weekday: 1, minute: 8 * 60 + 30 })).toBe(false);
  expect(isOpen(school, { weekday: 1, minute: 10 * 60 })).toBe(true);
  expect(isOpen(school, { weekday: 7, minute: 8 * 60 + 30 })).toBe(true);
});

test('a bollard bars the way, a gate costs time, and each side stays reachable', () => {
  const barred = (tags: Record<string, string>) => {
    const { engine } = prepareMap(drawMap(BLOCK, SPLIT, { nodeTags: { E: tags } }));
    return engine.paths([at(BLOCK, 'D', 'E', 0.5), at(BLOCK, 'B', 'E', 0.5)], { speedKmh: 28 })[0]!;
  };
  expect(passes(barred({ barrier: 'bollard' }))).not.toContain('E');
  expect(passes(barred({ barrier: 'bollard', motor_vehicle: 'yes' }))).toBe('E');
  expect(barred({ barrier: 'gate' }).durationS).toBeGreaterThan(barred({}).durationS);
});

test('somebody on foot goes both ways through a one-way street, over a footway and past a bollard', () => {
  const streets = SPLIT.map(([id, corners, own]): Street => [
    id,
    id === 50 ? 'BE' : corners,
    id === 50 ? { oneway: 'yes', highway: 'footway' } : own,
  ]);
  const map = drawMap(BLOCK, streets, { nodeTags: { E: { barrier: 'bollard' } } });
  const { path, durationS, distanceM } = legs(map, ['D', 'E'], ['B', 'E'], { profile: 'walking' });
  expect(passes(path)).toBe('E');
  expect(durationS).toBe(Math.round((distanceM * 3.6) / 4.8));
});

test('a stop that no road reaches is told, with straight lines in its place', () => {
  const { engine } = prepareMap(drawMap(BLOCK, STREETS));
  const { snaps, distanceM } = engine.matrix([at(BLOCK, 'A'), { lat: 60.5, lon: 5 }], { speedKmh: 28 });
  expect(snaps!.map(({ state }) => state)).toEqual(['road', 'off-map']);
  expect(distanceM[1]).toBeGreaterThan(50_000);
});
