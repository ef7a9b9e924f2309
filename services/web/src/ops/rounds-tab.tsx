import type { Round } from '@ronde/contracts';
import { Icon } from '../shared/ui/icon.tsx';
import { PlanStatus } from './plan-status.tsx';
import { HeldStop, MoveBar } from './move-bar.tsx';
import { OffRoadNote } from './off-road.tsx';
import { planNow, planProgress } from './plan-now.ts';
import { RoundLane } from './round-lane.tsx';
import { activeRounds, rounds, vehicles } from './state.ts';
import { t } from './text.ts';
import { view } from './view.ts';

const EARLIER_SHOWN = 20;

/** Rounds: a lane per vehicle, and planning on demand. */
export function RoundsTab() {
  const isBusy = planProgress.value.kind === 'asked' || planProgress.value.kind === 'solving';
  const earlier = rounds.items.value
    .filter(({ status }) => status === 'done' || status === 'cancelled')
    .toSorted(newestFirst);
  const opened = earlier.find(({ id }) => id === view.value.round);
  return (
    <div class="rounds">
      <div class="rounds__tools">
        <button
          type="button"
          class="utrecht-button utrecht-button--primary-action"
          aria-disabled={isBusy}
          onClick={() => {
            if (!isBusy) void planNow();
          }}
        >
          <Icon name="round" />
          {t('planNow')}
        </button>
        <PlanStatus />
      </div>
      <OffRoadNote />
      <div class="rounds__list">
        {rounds.isLoaded.value && activeRounds.value.length === 0 && <p class="empty">{t('roundsNone')}</p>}
        {!rounds.isLoaded.value && <p class="empty">{t('loading')}</p>}
        <ul class="rounds__lanes">
          {activeRounds.value.toSorted(byVehicle).map((round) => (
            <RoundLane key={round.id} round={round} />
          ))}
        </ul>
        {earlier.length > 0 && (
          <details class="rounds__earlier" open={opened !== undefined}>
            <summary>{t('roundsEarlier', { n: earlier.length })}</summary>
            <ul class="rounds__lanes">
              {earlier.slice(0, EARLIER_SHOWN).map((round) => (
                <RoundLane key={round.id} round={round} />
              ))}
            </ul>
          </details>
        )}
      </div>
      <MoveBar />
      <HeldStop />
    </div>
  );
}

function byVehicle(a: Round, b: Round): number {
  const place = (round: Round): number => vehicles.value.findIndex(({ id }) => id === round.vehicleId);
  return place(a) - place(b) || (a.startsAt < b.startsAt ? -1 : 1);
}

function newestFirst(a: Round, b: Round): number {
  return a.startsAt < b.startsAt ? 1 : -1;
}
