import type { Feature, FeatureCollection } from 'geojson';

export interface Point {
  lat: number;
  lon: number;
}
export interface StopDrawing extends Point {
  label: string;
  isDone: boolean;
  isNext: boolean;
}
/** A round as a map shows it: a line through depot and stops, and numbered stops when it is selected. */
export interface RoundDrawing {
  id: string;
  colour: string;
  isSelected: boolean;
  /** Where it starts and ends, when known. */
  depot?: Point;
  stops: readonly StopDrawing[];
  /** Streets from each place of it to the next, [lon, lat]; straight lines while they are not known. */
  legs?: readonly (readonly [number, number][])[];
}
export interface PlaceDrawing extends Point {
  name: string;
}
export interface AreaDrawing {
  name: string;
  points: readonly Point[];
}

/** Colours that tell vehicles apart on light and on dark paper; none of them is a fill colour. */
export const ROUND_COLOURS = {
  light: ['#7a3fa0', '#0f7b6c', '#b3541e', '#5b6b00', '#c2357b', '#3d5a80'],
  dark: ['#bd93e6', '#3dbba9', '#ea9a63', '#b3c43c', '#f285b8', '#93b6e0'],
} as const;

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });
const feature = (geometry: Feature['geometry'], properties: Feature['properties'] = {}): Feature => ({
  type: 'Feature',
  properties,
  geometry,
});
const position = ({ lat, lon }: Point): [number, number] => [lon, lat];

/** Draws rounds as lines; the part that is done as a line of its own, so that it can be muted. */
export function roundLines(rounds: readonly RoundDrawing[]): FeatureCollection {
  const isOneSelected = rounds.some((round) => round.isSelected);
  const features = rounds.flatMap(({ stops, depot, colour, isSelected, id, legs }) => {
    const path = [...(depot ? [depot] : []), ...stops, ...(depot ? [depot] : [])];
    const doneStops = stops.filter((stop) => stop.isDone).length;
    const splitAt = doneStops === 0 ? 0 : doneStops - 1 + (depot ? 1 : 0);
    return [
      { from: 0, points: path.slice(0, splitAt + 1), isDone: true },
      { from: splitAt, points: path.slice(splitAt), isDone: false },
    ]
      .filter((part) => part.points.length > 1)
      .map(({ from, points, isDone }): Feature => ({
        type: 'Feature',
        properties: { id, colour, isSelected, isDone, isDimmed: isOneSelected && !isSelected },
        geometry: {
          type: 'LineString',
          coordinates: alongStreets(points, legs?.slice(from, from + points.length - 1)),
        },
      }));
  });
  return collection(features);
}

/** Joins places by the streets between them, or straight where a leg is missing. */
function alongStreets(points: readonly Point[], legs: RoundDrawing['legs'] = []): [number, number][] {
  return points.flatMap((point, index) => {
    const leg = index === 0 ? undefined : legs[index - 1];
    return [...(leg ?? []), position(point)];
  });
}

/** Draws the numbered stops of selected rounds. */
export function roundStops(rounds: readonly RoundDrawing[]): FeatureCollection {
  return collection(
    rounds
      .filter((round) => round.isSelected)
      .flatMap(({ stops, colour }) =>
        stops.map((stop): Feature => ({
          type: 'Feature',
          properties: { label: stop.label, colour, isDone: stop.isDone, isNext: stop.isNext },
          geometry: { type: 'Point', coordinates: position(stop) },
        })),
      ),
  );
}

export function placePoints(places: readonly PlaceDrawing[]): FeatureCollection {
  return collection(
    places.map((place): Feature => ({
      type: 'Feature',
      properties: { name: place.name },
      geometry: { type: 'Point', coordinates: position(place) },
    })),
  );
}

export function labelPoints(labels: readonly (Point & { label: string })[]): FeatureCollection {
  return collection(
    labels.map((label): Feature => ({
      type: 'Feature',
      properties: { label: label.label },
      geometry: { type: 'Point', coordinates: position(label) },
    })),
  );
}

/** Draws areas as the convex hull of what stands in them: context when there is no basemap. */
export function areaShapes(areas: readonly AreaDrawing[]): FeatureCollection {
  return collection(
    areas
      .map(({ name, points }) => ({ name, hull: convexHull(points) }))
      .filter(({ hull }) => hull.length > 2)
      .flatMap(({ name, hull }): Feature[] => [
        feature({ type: 'Polygon', coordinates: [[...hull, hull[0] as Point].map(position)] }),
        // The name stands above the northern edge, where no bin covers it.
        feature(
          { type: 'Point', coordinates: position(hull.reduce((top, point) => (point.lat > top.lat ? point : top))) },
          { name },
        ),
      ]),
  );
}

/** Convex hull by Andrew's monotone chain, counter-clockwise. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.lon - b.lon || a.lat - b.lat);
  const half = (ordered: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const point of ordered) {
      while (chain.length > 1 && turn(chain.at(-2) as Point, chain.at(-1) as Point, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}

function turn(a: Point, b: Point, c: Point): number {
  return (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon);
}
