import { effect, signal, useSignal } from '@preact/signals';
import { BANDS } from '../shared/bands.ts';
import { formatNumber, formatPercent } from '../shared/i18n/format.ts';
import { bandName, shared } from '../shared/i18n/shared-text.ts';
import { MapFrame } from '../shared/map/map-frame.tsx';
import type { MapHandle } from '../shared/map/open-map.ts';
import { BandShape } from '../shared/ui/fill-badge.tsx';
import { hasPlace } from './bin-list.ts';
import { drawRound } from './round-drawings.ts';
import { activate, active, fitRequests } from './selection.ts';
import { activeRounds, areas, assets, assetsStatus, bins, depots, mapView, rounds, sites } from './state.ts';
import { t } from './text.ts';
import { isFiltered, show, view } from './view.ts';

const LABELS_MAX = 120;
const LABELS_FROM_ZOOM = 16;
const mapMoves = signal(0);

interface Hover {
  index: number;
  x: number;
  y: number;
}

/** The map of the city with its bins and rounds; the legend is the filter. */
export function MapPane({ onAbsent }: { onAbsent(): void }) {
  const hover = useSignal<Hover | undefined>(undefined);
  return (
    <>
      <MapFrame
        label={shared('mapLabel')}
        onAbsent={onAbsent}
        onOpen={draw}
        onFit={() => {
          fitRequests.value += 1;
        }}
        onMove={() => {
          mapMoves.value += 1;
        }}
        onPick={(index) => {
          activate('bins', assets.asset(index).id);
          show({ selected: assets.asset(index).id });
        }}
        onHover={(index, { x, y }) => {
          hover.value = index < 0 ? undefined : { index, x, y };
        }}
      >
        {hover.value && <HoverCard {...hover.value} />}
      </MapFrame>
      <Legend />
    </>
  );
}

function HoverCard({ index, x, y }: Hover) {
  const { asset, fill } = assets.row(index);
  return (
    <div class="hover-card" style={{ insetInlineStart: `${x}px`, insetBlockStart: `${y}px` }} aria-hidden="true">
      <strong>{asset.name}</strong>
      <span>{fill === null ? shared('fillUnknown') : formatPercent(fill)}</span>
    </div>
  );
}

function Legend() {
  const { perBand } = bins.value;
  const { bands, isSilentOnly } = view.value;
  return (
    <fieldset class="legend">
      <legend class="visually-hidden">{t('legend')}</legend>
      {BANDS.map((band) => (
        <label key={band} class="check">
          <input
            type="checkbox"
            checked={bands.length === 0 || bands.includes(band)}
            onChange={(event) => {
              const shown = bands.length === 0 ? BANDS : bands;
              const next = event.currentTarget.checked
                ? BANDS.filter((b) => b === band || shown.includes(b))
                : shown.filter((b) => b !== band);
              show({ bands: next.length === BANDS.length ? [] : next });
            }}
          />
          <BandShape band={band} />
          <span>{bandName(band)}</span>
          <span class="numeric soft">{formatNumber(perBand[band])}</span>
        </label>
      ))}
      <label class="check">
        <input
          type="checkbox"
          checked={isSilentOnly}
          onChange={(event) => show({ isSilentOnly: event.currentTarget.checked })}
        />
        {t('silentOnly')}
      </label>
    </fieldset>
  );
}

/** Keeps the map equal to the stores; the answer stops it. */
function draw(map: MapHandle): () => void {
  const position = (index: number): [number, number] => assets.asset(index).geometry.coordinates;
  map.setBins({
    count: assets.count,
    lon: (index) => position(index)[0],
    lat: (index) => position(index)[1],
    fill: assets.fill,
    silent: assets.silent,
    isShown: (index) => bins.peek().isShown[index] === 1,
  });
  const stops = [
    effect(() => {
      void assets.documents.value;
      map.reloadBins();
    }),
    effect(() => {
      void [assets.revision.value, bins.value];
      map.refreshBins();
    }),
    effect(() => map.select(assets.indexOf(view.value.selected || active.value.bins) ?? -1)),
    effect(() => followSelection(map)),
    effect(() => map.setRounds(roundsToDraw())),
    effect(() => map.setPlaces([...depots.value, ...sites.value].map(({ name, position: at }) => ({ name, ...at })))),
    effect(() => map.setAreas(areasToDraw())),
    effect(() => map.setLabels(labelsToDraw(map))),
    effect(() => fitOnRequest(map)),
    effect(() => {
      void mapMoves.value;
      mapView.value = { contains: map.contains };
    }),
  ];
  return () => {
    stops.forEach((stop) => stop());
    mapView.value = undefined;
  };
}

function followSelection(map: MapHandle): void {
  void assets.documents.value;
  const index = assets.indexOf(view.value.selected || active.value.bins);
  if (index === undefined) return;
  const { coordinates } = assets.asset(index).geometry;
  const [lon, lat] = coordinates;
  if (hasPlace(coordinates) && !map.contains({ lat, lon })) map.moveTo({ lat, lon });
}

function roundsToDraw() {
  const selected = view.value.round;
  const drawn = activeRounds.value.some(({ id }) => id === selected)
    ? activeRounds.value
    : [...activeRounds.value, rounds.get(selected)];
  return drawn.flatMap((round) => (round ? [drawRound(round, round.id === selected)] : []));
}

function areasToDraw() {
  void assets.documents.value;
  const points = new Map<string, { lat: number; lon: number }[]>();
  for (let index = 0; index < assets.count(); index += 1) {
    const { areaId, geometry } = assets.asset(index);
    if (areaId === undefined || !hasPlace(geometry.coordinates)) continue;
    const [lon, lat] = geometry.coordinates;
    const known = points.get(areaId);
    if (known) known.push({ lat, lon });
    else points.set(areaId, [{ lat, lon }]);
  }
  return areas.value.map(({ id, name }) => ({ name, points: points.get(id) ?? [] }));
}

/** Numbers for the selected and the fullest in view; for all in view when zoomed in. Never for the whole city. */
function labelsToDraw(map: MapHandle) {
  void mapMoves.value;
  const { isShown } = bins.value;
  // With a round open, its numbers are what matters.
  const isFullLabelled = view.value.round === '';
  const isClose = map.zoom() >= LABELS_FROM_ZOOM;
  const selected = assets.indexOf(view.value.selected);
  const labels: { lat: number; lon: number; label: string }[] = [];
  for (const index of bins.value.order) {
    if (labels.length >= LABELS_MAX) break;
    const fill = assets.fill()[index] as number;
    if (isShown[index] !== 1 || (!isClose && !(isFullLabelled && fill >= 0.9) && index !== selected)) continue;
    const [lon, lat] = assets.asset(index).geometry.coordinates;
    if (!Number.isNaN(fill) && map.contains({ lat, lon })) labels.push({ lat, lon, label: formatPercent(fill) });
  }
  return labels;
}

function places() {
  return [...depots.peek(), ...sites.peek()].map(({ position }) => position);
}

let fitted = -1;
function fitOnRequest(map: MapHandle): void {
  const request = fitRequests.value;
  // The first fit waits for the whole city, so that the map does not jump from page to page.
  if (request === fitted || assetsStatus.value === 'loading') return;
  fitted = request;
  const { isShown } = bins.peek();
  const points = Array.from(isShown, (shown, index) => ({ shown, index }))
    .filter(({ shown }) => shown === 1)
    .map(({ index }) => {
      const [lon, lat] = assets.asset(index).geometry.coordinates;
      return { lat, lon };
    });
  // With everything shown, yards and tips belong to the picture; with a filter, only what it shows.
  map.fit(isFiltered(view.peek()) ? points : [...points, ...places()]);
}
