import { effect } from '@preact/signals';
import type { Stop } from '@ronde/contracts';
import { MapFrame } from '../shared/map/map-frame.tsx';
import type { RoundDrawing } from '../shared/map/drawings.ts';
import { roundColour } from '../shared/map/round-colour.ts';
import { legsOf } from '../shared/live/round-lines.ts';
import { isEnded } from './overlay.ts';
import { current, isMapShown, round } from './state.ts';
import { t } from './text.ts';

const NEAR_STOPS = 6;

/** The round on a map: what is done grey, the next stop large. MapLibre loads only when this is shown. */
export function CrewMap() {
  let wholeRound: (() => void) | undefined;
  return (
    <section class="crew__map" aria-label={t('mapPane')}>
      <MapFrame
        label={t('mapRegion')}
        onFit={() => wholeRound?.()}
        onAbsent={() => (isMapShown.value = false)}
        onOpen={(map) => {
          const fit = (): void => map.fit(nearStops());
          fit();
          let shownId = round.peek()?.id;
          let centredId: string | undefined;
          wholeRound = () => map.fit(round.peek()?.stops ?? []);
          return effect(() => {
            const drawing = drawingOf();
            map.setRounds(drawing ? [drawing] : []);
            const now = current.value;
            if (drawing && drawing.id !== shownId) {
              shownId = drawing.id;
              fit();
            } else if (now && centredId !== undefined && now.id !== centredId && !map.contains(now)) map.moveTo(now);
            centredId = now?.id;
          });
        }}
      />
    </section>
  );
}

/** This stop and the few after it: what a driver looks for. */
function nearStops(): Stop[] {
  const stops = round.peek()?.stops ?? [];
  const at = stops.findIndex(({ id }) => id === current.peek()?.id);
  return at < 0 ? stops : stops.slice(at, at + NEAR_STOPS);
}

function drawingOf(): RoundDrawing | undefined {
  const shown = round.value;
  const now = current.value;
  return (
    shown && {
      id: shown.id,
      colour: roundColour(0),
      isSelected: true,
      // no depot on a tablet's map: the ways from it and home are left out
      legs: legsOf(shown).slice(1, -1),
      stops: shown.stops.map((stop) => ({
        lat: stop.lat,
        lon: stop.lon,
        label: stop.kind === 'disposal' ? '↓' : String(stop.seq),
        isDone: isEnded(stop) && stop.id !== now?.id,
        isNext: stop.id === now?.id,
      })),
    }
  );
}
