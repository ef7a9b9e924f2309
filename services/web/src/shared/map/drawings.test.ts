import { expect, test } from 'vitest';
import { areaShapes, convexHull, roundLines, roundStops, type RoundDrawing } from './drawings.ts';

const stop = (lon: number, isDone = false) => ({ lat: 52, lon, label: String(lon), isDone, isNext: false });
const round = (more: Partial<RoundDrawing> = {}): RoundDrawing => ({
  id: 'r',
  colour: '#7a3fa0',
  isSelected: true,
  stops: [stop(1, true), stop(2, true), stop(3)],
  ...more,
});

test('the part that is done is a line of its own, joined to the rest', () => {
  const lines = roundLines([round({ depot: { lat: 52, lon: 0 } })]).features;
  expect(
    lines.map(({ geometry }) => geometry.type === 'LineString' && geometry.coordinates.map(([lon]) => lon)),
  ).toEqual([
    [0, 1, 2],
    [2, 3, 0],
  ]);
  expect(lines.map(({ properties }) => properties?.['isDone'])).toEqual([true, false]);
});

test('streets are followed where they are known, and the part that is done takes its own', () => {
  const bend = (lon: number): [number, number][] => [[lon, 52.5]];
  const legs = [bend(0.5), bend(1.5), bend(2.5), bend(3.5)];
  const lines = roundLines([round({ depot: { lat: 52, lon: 0 }, legs })]).features;
  expect(
    lines.map(({ geometry }) => geometry.type === 'LineString' && geometry.coordinates.map(([lon]) => lon)),
  ).toEqual([
    [0, 0.5, 1, 1.5, 2],
    [2, 2.5, 3, 3.5, 0],
  ]);
});

test('a round that has not started is one line', () => {
  expect(roundLines([round({ stops: [stop(1), stop(2)] })]).features).toHaveLength(1);
});

test('stops are drawn for the selected round only, others are dimmed', () => {
  const rounds = [round(), round({ id: 'q', isSelected: false })];
  expect(roundStops(rounds).features).toHaveLength(3);
  expect(roundLines(rounds).features.map(({ properties }) => properties?.['isDimmed'])).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test('the hull of a square with a point inside is the square', () => {
  const square = [
    [0, 0],
    [2, 0],
    [2, 2],
    [0, 2],
    [1, 1],
  ].map(([lon, lat]) => ({ lon: lon as number, lat: lat as number }));
  expect(convexHull(square)).toHaveLength(4);
});

test('an area with fewer than three places has no shape', () => {
  expect(areaShapes([{ name: 'Oost', points: [{ lat: 1, lon: 1 }] }]).features).toEqual([]);
});
