import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { OffRoad, Problem, RoadReach } from '@ronde/contracts';
import { formatDistance, formatNumber } from '../shared/i18n/format.ts';
import { problemLine } from '../shared/i18n/problem-text.ts';
import { call } from '../shared/rest.ts';
import { planProgress } from './plan-now.ts';
import { offRoadName, offRoadRemedy, t } from './text.ts';
import { show } from './view.ts';

const SHOWN = 60;
const STATES = ['off-map', 'cut-off', 'far'] as const satisfies readonly OffRoad['state'][];
const reach = signal<RoadReach | Problem | undefined>(undefined);

/** Places that no vehicle comes to as it should, with what to do; nothing where all is well or nothing is known. */
export function OffRoadNote() {
  const planKind = planProgress.value.kind;
  useEffect(() => {
    if (planKind === 'asked' || planKind === 'solving') return;
    void call<RoadReach>('/v1/road-reach').then((answer) => (reach.value = answer.ok ? answer.value : answer.problem));
  }, [planKind]);
  const known = reach.value;
  if (!known) return null;
  if ('code' in known) return <p class="rounds__note small">{t('offRoadUnknown', { reason: problemLine(known) })}</p>;
  if (known.offRoad.length === 0) return null;
  return (
    <details class="rounds__note">
      <summary>{t('offRoad', { n: known.offRoad.length })}</summary>
      {STATES.map((state) => (
        <OffRoadList key={state} state={state} places={known.offRoad.filter((place) => place.state === state)} />
      ))}
    </details>
  );
}

function OffRoadList({ state, places }: { state: OffRoad['state']; places: readonly OffRoad[] }) {
  if (places.length === 0) return null;
  return (
    <section>
      <h3>
        {offRoadName(state)} ({formatNumber(places.length)})
      </h3>
      <p class="small">{offRoadRemedy(state)}</p>
      <ul>
        {places.slice(0, SHOWN).map(({ kind, id, name, distanceM }) => (
          <li key={`${kind} ${id}`}>
            {kind === 'asset' ? (
              <button type="button" class="link-button" onClick={() => show({ selected: id })}>
                {name}
              </button>
            ) : (
              <strong>{name}</strong>
            )}
            {distanceM !== null && <span class="small numeric"> {formatDistance(distanceM)}</span>}
          </li>
        ))}
      </ul>
      {places.length > SHOWN && <p class="small soft">{t('offRoadMore', { n: places.length - SHOWN })}</p>}
    </section>
  );
}
