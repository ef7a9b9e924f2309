import type { Round, Stop } from '@ronde/contracts';
import { formatDistance, formatDuration, formatTime } from '../shared/i18n/format.ts';
import { etaWords, sayLeftOut, sayReason } from '../shared/i18n/reason-text.ts';
import { sayBreak, sayConflict } from '../shared/i18n/report-text.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { Icon } from '../shared/ui/icon.tsx';
import { canMove, dropPlace, held, pressStop, sprungOpen } from './drag-stop.ts';
import { MoveStop, RoundFiles } from './round-actions.tsx';
import { RoundChanges } from './round-changes.tsx';
import { isFinished, nextStop, vehicleColour } from './round-drawings.ts';
import { activate, active } from './selection.ts';
import { assetName, stopName, vehicleName } from './state.ts';
import { roundStatus, stopStatus, t } from './text.ts';
import { show, view } from './view.ts';

const LEFT_OUT_SHOWN = 50;
/** With more stops, one has no room for an outline of its own. */
const DENSE_FROM = 60;

/** One vehicle's round: progress, next stop, end; opened: every stop with its reason, and what was left out. */
export function RoundLane({ round }: { round: Round }) {
  const isOpen = view.value.round === round.id || sprungOpen.value.has(round.id);
  const done = round.stops.filter(isFinished).length;
  const name = vehicleName(round.vehicleId);
  const next = nextStop(round);
  const nowMs = serverNow();
  const isActive = active.value.rounds === round.id;
  return (
    <li
      class={`lane${isOpen ? ' lane--open' : ''}${isActive ? ' lane--active' : ''}${isDropFirst(round) ? ' lane--drop' : ''}`}
      style={{ '--lane': vehicleColour(round.vehicleId) }}
      data-round={round.id}
    >
      <button
        type="button"
        class="lane__head"
        aria-expanded={isOpen}
        onClick={() => {
          activate('rounds', round.id);
          sprungOpen.value = new Set();
          show({ round: isOpen ? '' : round.id });
        }}
      >
        <span class="lane__vehicle">
          <Icon name="truck" />
          <strong>{name}</strong>
          <span class="small soft">{roundStatus(round.status)}</span>
        </span>
        <span class="numeric">{t('roundProgress', { done, total: round.stops.length })}</span>
      </button>
      <div class={`lane__bar${round.stops.length > DENSE_FROM ? ' lane__bar--dense' : ''}`} aria-hidden="true">
        {round.stops.map((stop) => (
          <span key={stop.id} class={`lane__stop lane__stop--${stop.status}`} />
        ))}
      </div>
      <p class="lane__facts small soft">
        {next && round.status !== 'cancelled' && (
          <span>{t('roundNext', { name: stopName(next), time: formatTime(Date.parse(next.eta), nowMs) })}</span>
        )}
        <span>{t('roundEnd', { time: formatTime(Date.parse(round.endsAt), nowMs) })}</span>
        <span>{formatDistance(round.distanceM)}</span>
        <span>{formatDuration(round.durationS)}</span>
        <span>{t('roundVersion', { version: round.version })}</span>
      </p>
      {isOpen && <Stops round={round} nowMs={nowMs} />}
    </li>
  );
}

function Stops({ round, nowMs }: { round: Round; nowMs: number }) {
  const next = nextStop(round);
  const heldId = held.value?.roundId === round.id ? held.value.stopId : undefined;
  const drop = dropPlace.value?.roundId === round.id ? dropPlace.value.behindStopId : undefined;
  return (
    <div class="lane__stops">
      <RoundFiles round={round} />
      <RoundChanges round={round} />
      <ol aria-label={t('roundStops')}>
        {round.stops.map((stop) => {
          const eta = etaWords(stop.eta, nowMs);
          return (
            <li
              key={stop.id}
              class={classOf(stop, {
                isNext: stop.id === next?.id,
                isDrop: stop.id === drop,
                isHeld: stop.id === heldId,
              })}
              data-stop={stop.id}
              onPointerDown={(event) => pressStop(event, round, stop)}
            >
              <span class="stop__number">
                <span class="stop__seq numeric">
                  {stop.kind === 'disposal' ? <Icon name="down" size={16} /> : stop.seq}
                </span>
                {canMove(round, stop) && (
                  <span class="stop__grip" aria-hidden="true" title={t('moveDrag')}>
                    <Icon name="grip" />
                  </span>
                )}
              </span>
              <span class="stop__text">
                <StopName stop={stop} />
                <span class="small">{sayReason(stop)}</span>
                {stop.conflicts?.map((conflict) => (
                  <span key={conflict.eventId} class="small stop__conflict" role="note">
                    <Icon name="alarm" size={16} /> {sayConflict(conflict, vehicleName)}
                  </span>
                ))}
                {breaksAt(round, stop).map((rest) => (
                  <span key={rest.startsAt} class="small stop__break">
                    <Icon name="clock" size={16} /> {sayBreak(rest)}
                  </span>
                ))}
                {canMove(round, stop) && <MoveStop round={round} stop={stop} />}
              </span>
              <span class="stop__when small">
                <time dateTime={stop.eta} title={eta.title} class="numeric">
                  {eta.text}
                </time>
                <span class="soft">{stopStatus(stop.status)}</span>
              </span>
            </li>
          );
        })}
      </ol>
      {round.leftOut.length > 0 && (
        <details class="lane__left-out">
          <summary>{t('roundLeftOut', { n: round.leftOut.length })}</summary>
          <ul>
            {round.leftOut.slice(0, LEFT_OUT_SHOWN).map((leftOut) => (
              <li key={leftOut.assetId}>
                <AssetLink id={leftOut.assetId} />
                <span class="small">{sayLeftOut(leftOut)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

const breaksAt = ({ breaks = [] }: Round, stop: Stop) => breaks.filter(({ stopId }) => stopId === stop.id);

/** A stop that would come first lights up the round itself. */
function isDropFirst({ id }: Round): boolean {
  return dropPlace.value?.roundId === id && dropPlace.value.behindStopId === null;
}

function classOf(
  { status }: Stop,
  { isNext, isDrop, isHeld }: Record<'isNext' | 'isDrop' | 'isHeld', boolean>,
): string {
  return ['stop', `stop--${status}`, isNext && 'stop--next', isDrop && 'stop--drop', isHeld && 'stop--held']
    .filter(Boolean)
    .join(' ');
}

function StopName({ stop }: { stop: Stop }) {
  const first = stop.assetIds[0];
  if (first === undefined) return <strong>{stopName(stop)}</strong>;
  return (
    <>
      {stop.assetIds.map((id) => (
        <AssetLink key={id} id={id} />
      ))}
    </>
  );
}

function AssetLink({ id }: { id: string }) {
  return (
    <button type="button" class="link-button" onClick={() => show({ selected: id })}>
      {assetName(id)}
    </button>
  );
}
