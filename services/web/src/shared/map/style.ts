import type { GeoJSONSourceSpecification, StyleSpecification } from 'maplibre-gl';

/** Colours a map needs from the theme; canvases cannot read CSS. */
export interface MapColours {
  page: string;
  line: string;
  ink: string;
  soft: string;
  ring: string;
  surface: string;
}

const EMPTY: GeoJSONSourceSpecification = { type: 'geojson', data: { type: 'FeatureCollection', features: [] } };
const FONT = ['Noto Sans'];

/** Names of the sources that drawings go into. */
export const SOURCES = ['areas', 'places', 'rounds', 'stops', 'labels'] as const;
export type SourceName = (typeof SOURCES)[number];

/** Layer below which the bins are drawn, so that numbers stay readable. */
export const BINS_BELOW = 'stops';

/**
 * Makes the blank basemap: paper, service areas, places, rounds. Needs no network at all.
 * Without `glyphs` MapLibre draws text with the browser's own fonts.
 */
export function blankStyle(colours: MapColours): StyleSpecification {
  return {
    version: 8,
    sources: Object.fromEntries(SOURCES.map((name) => [name, EMPTY])),
    layers: [
      { id: 'paper', type: 'background', paint: { 'background-color': colours.page } },
      { id: 'areas', type: 'fill', source: 'areas', paint: { 'fill-color': colours.surface, 'fill-opacity': 0.55 } },
      { id: 'area-edges', type: 'line', source: 'areas', paint: { 'line-color': colours.line, 'line-width': 2 } },
      {
        id: 'area-names',
        type: 'symbol',
        source: 'areas',
        filter: ['==', ['geometry-type'], 'Point'],
        layout: {
          'text-field': ['get', 'name'],
          'text-font': FONT,
          'text-size': 16,
          'text-anchor': 'bottom',
          'text-offset': [0, -0.6],
          'text-letter-spacing': 0.06,
          'text-allow-overlap': true,
          'text-ignore-placement': true,
        },
        paint: { 'text-color': colours.soft, 'text-halo-color': colours.page, 'text-halo-width': 2 },
      },
      {
        id: 'round-casing',
        type: 'line',
        source: 'rounds',
        layout: { 'line-join': 'round', 'line-cap': 'round' },
        paint: {
          'line-color': colours.page,
          'line-width': ['case', ['get', 'isSelected'], 9, 5],
          'line-opacity': ['case', ['get', 'isDimmed'], 0.2, 0.8],
        },
      },
      {
        id: 'rounds',
        type: 'line',
        source: 'rounds',
        layout: { 'line-join': 'round', 'line-cap': 'round' },
        paint: {
          'line-color': ['case', ['get', 'isDone'], colours.soft, ['get', 'colour']],
          'line-width': ['case', ['get', 'isSelected'], 5, 2.5],
          'line-opacity': ['case', ['get', 'isSelected'], 1, ['get', 'isDimmed'], 0.2, 0.55],
        },
      },
      {
        id: 'stops',
        type: 'circle',
        source: 'stops',
        paint: {
          'circle-radius': [
            'interpolate',
            ['linear'],
            ['zoom'],
            12,
            ['case', ['get', 'isNext'], 10, 5],
            15,
            ['case', ['get', 'isNext'], 15, 11],
          ],
          'circle-color': ['case', ['get', 'isDone'], colours.soft, colours.surface],
          'circle-stroke-color': ['get', 'colour'],
          'circle-stroke-width': 3,
        },
      },
      {
        id: 'stop-numbers',
        type: 'symbol',
        source: 'stops',
        layout: {
          'text-field': ['get', 'label'],
          'text-font': FONT,
          'text-size': ['interpolate', ['linear'], ['zoom'], 12, 10, 15, 12],
        },
        paint: { 'text-color': ['case', ['get', 'isDone'], colours.surface, colours.ink] },
      },
      {
        id: 'places',
        type: 'circle',
        source: 'places',
        paint: {
          'circle-radius': 7,
          'circle-color': colours.ink,
          'circle-stroke-color': colours.surface,
          'circle-stroke-width': 3,
        },
      },
      {
        id: 'place-names',
        type: 'symbol',
        source: 'places',
        layout: {
          'text-field': ['get', 'name'],
          'text-font': FONT,
          'text-size': 13,
          'text-anchor': 'top',
          'text-offset': [0, 0.8],
        },
        paint: { 'text-color': colours.ink, 'text-halo-color': colours.page, 'text-halo-width': 2 },
      },
      {
        id: 'labels',
        type: 'symbol',
        source: 'labels',
        layout: {
          'text-field': ['get', 'label'],
          'text-font': FONT,
          'text-size': 13,
          'text-anchor': 'left',
          'text-offset': [1, 0],
        },
        paint: { 'text-color': colours.ink, 'text-halo-color': colours.page, 'text-halo-width': 2 },
      },
    ],
  };
}
