import { LngLatBounds, Map, MercatorCoordinate, ScaleControl, setWorkerUrl, type GeoJSONSource } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { FeatureCollection } from 'geojson';
import 'maplibre-gl/dist/maplibre-gl.css';
import { tokenValue } from '../theme.ts';
import { createBinLayer, type BinLayer, type BinSource } from './bin-layer.ts';
import {
  areaShapes,
  labelPoints,
  placePoints,
  roundLines,
  roundStops,
  type AreaDrawing,
  type PlaceDrawing,
  type Point,
  type RoundDrawing,
} from './drawings.ts';
import { BINS_BELOW, blankStyle, type MapColours, type SourceName } from './style.ts';

// MapLibre 6 takes its worker as an address of our own origin; the policy then needs only `worker-src 'self'`.
setWorkerUrl(workerUrl);

export interface MapOptions {
  /** Name of the map for screen readers. */
  label: string;
  onPick?(index: number): void;
  /** The bin under the pointer, -1 = none, with the place in pixels. */
  onHover?(index: number, at: { x: number; y: number }): void;
  /** After every move, when the map stands still. */
  onMove?(): void;
}

/** A map on the screen. Every call is safe at any time; drawings wait until the style stands. */
export interface MapHandle {
  setBins(source: BinSource): void;
  reloadBins(): void;
  refreshBins(): void;
  select(index: number): void;
  setRounds(rounds: readonly RoundDrawing[]): void;
  setPlaces(places: readonly PlaceDrawing[]): void;
  setAreas(areas: readonly AreaDrawing[]): void;
  setLabels(labels: readonly (Point & { label: string })[]): void;
  /** Reads the theme's colours again. */
  recolour(): void;
  fit(points: readonly Point[]): void;
  moveTo(point: Point, minZoom?: number): void;
  zoomBy(step: number): void;
  panBy(xPx: number, yPx: number): void;
  zoom(): number;
  contains(point: Point): boolean;
  view(): { zoom: number; lat: number; lon: number };
  jumpTo(view: { zoom: number; lat: number; lon: number }): void;
  close(): void;
}

const PICK_RADIUS_PX = 18;

/**
 * Opens a map on the blank basemap; makes no network request but its own worker.
 * @throws when the browser gives no WebGL2 context
 */
export async function openMap(container: HTMLElement, options: MapOptions): Promise<MapHandle> {
  const map = new Map({
    container,
    style: blankStyle(readColours()),
    center: [5.12, 52.09],
    zoom: 12,
    minZoom: 3,
    maxZoom: 20,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    locale: { 'Map.Title': options.label },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new ScaleControl({ maxWidth: 120, unit: 'metric' }), 'bottom-right');
  await new Promise<void>((resolve, reject) => {
    map.once('load', () => resolve());
    map.once('error', ({ error }) => reject(error));
  });
  let bins: BinLayer | undefined;
  const pick = (point: { x: number; y: number }): number => {
    const at = MercatorCoordinate.fromLngLat(map.unproject([point.x, point.y]));
    return bins?.pick(at, PICK_RADIUS_PX, map.getZoom()) ?? -1;
  };
  map.on('click', ({ point }) => {
    const index = pick(point);
    if (index >= 0) options.onPick?.(index);
  });
  map.on('mousemove', ({ point }) => {
    const index = pick(point);
    map.getCanvas().style.cursor = index >= 0 ? 'pointer' : '';
    options.onHover?.(index, point);
  });
  map.on('mouseout', () => options.onHover?.(-1, { x: 0, y: 0 }));
  map.on('moveend', () => options.onMove?.());
  const observer = new ResizeObserver(() => map.resize());
  observer.observe(container);
  const put = (name: SourceName, data: FeatureCollection): void => {
    void map.getSource<GeoJSONSource>(name)?.setData(data);
  };

  return {
    setBins(source) {
      const { ring, page } = readColours();
      if (bins) map.removeLayer(bins.id);
      bins = createBinLayer(source, { ring, halo: page });
      map.addLayer(bins, BINS_BELOW);
    },
    reloadBins: () => bins?.reload(),
    refreshBins: () => bins?.refresh(),
    select: (index) => bins?.select(index),
    setRounds(rounds) {
      put('rounds', roundLines(rounds));
      put('stops', roundStops(rounds));
    },
    setPlaces: (places) => put('places', placePoints(places)),
    setAreas: (areas) => put('areas', areaShapes(areas)),
    setLabels: (labels) => put('labels', labelPoints(labels)),
    recolour() {
      const colours = readColours();
      for (const layer of blankStyle(colours).layers) {
        for (const [name, value] of Object.entries(layer.paint ?? {})) {
          map.setPaintProperty(layer.id, name as 'circle-color', value as string);
        }
      }
      bins?.setColours(colours.ring, colours.page);
    },
    fit(points) {
      if (points.length === 0) return;
      const bounds = new LngLatBounds();
      for (const { lon, lat } of points) bounds.extend([lon, lat]);
      map.fitBounds(bounds, { padding: { top: 40, bottom: 40, left: 50, right: 90 }, maxZoom: 17, animate: false });
    },
    moveTo: ({ lon, lat }, minZoom = 0) =>
      map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), minZoom), duration: 300 }),
    zoomBy: (step) => map.easeTo({ zoom: map.getZoom() + step, duration: 200 }),
    panBy: (xPx, yPx) => map.panBy([xPx, yPx], { duration: 200 }),
    zoom: () => map.getZoom(),
    contains: ({ lon, lat }) => map.getBounds().contains([lon, lat]),
    view() {
      const { lng, lat } = map.getCenter();
      return { zoom: map.getZoom(), lat, lon: lng };
    },
    jumpTo: ({ zoom, lat, lon }) => map.jumpTo({ center: [lon, lat], zoom }),
    close() {
      observer.disconnect();
      map.remove();
    },
  };
}

function readColours(): MapColours {
  return {
    page: tokenValue('--ronde-map'),
    line: tokenValue('--ronde-map-line'),
    ink: tokenValue('--ronde-ink'),
    soft: tokenValue('--ronde-ink-soft'),
    ring: tokenValue('--ronde-ring'),
    surface: tokenValue('--ronde-surface'),
  };
}
