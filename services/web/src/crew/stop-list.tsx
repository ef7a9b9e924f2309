import { useSignal } from '@preact/signals';
import type { Stop } from '@ronde/contracts';
import { formatTime } from '../shared/i18n/format.ts';
import { sayBreak } from '../shared/i18n/report-text.ts';
import { FillBadge } from '../shared/ui/fill-badge.tsx';
import { Icon } from '../shared/ui/icon.tsx';
import type { ChangeKind } from './changes.ts';
import { dialog } from './held-dialog.tsx';
import { isEnded } from './overlay.ts';
import { assets, breaksAt, current, progress, round, unseen, waiting } from './state.ts';
import { changeName, fillOf, placeName, stopLabel, t } from './text.ts';

/** The stops that come, with what changed; those done fold away. */
export function StopList() {
  const isDoneShown = useSignal(false);
  const stops = round.value?.stops ?? [];
  const notes = unseen.value?.roundId === round.value?.id ? unseen.value : undefined;
  const now = current.value;
  const ended = stops.filter((stop) => isEnded(stop) && stop.id !== now?.id);
  const open = stops.filter((stop) => !isEnded(stop) || stop.id === now?.id);
  const last = ended.at(-1);
  return (
    <nav class="stops" aria-label={t('listRegion')}>
      {ended.length > 0 && (
        <button
          type="button"
          class="utrecht-button utrecht-button--subtle stops__fold"
          aria-expanded={isDoneShown.value}
          onClick={() => (isDoneShown.value = !isDoneShown.value)}
        >
          <Icon name={isDoneShown.value ? 'up' : 'down'} />
          {t('listDone', { n: ended.length })}
          <span class="visually-hidden">: {t(isDoneShown.value ? 'hideDone' : 'showDone')}</span>
        </button>
      )}
      <ol class="stops__list">
        {isDoneShown.value && ended.map((stop) => <StopRow key={stop.id} stop={stop} />)}
        {last && <Rests key={`${last.id} after`} stop={last} place="after" />}
        {open.map((stop) => [
          <Rests key={`${stop.id} before`} stop={stop} place="before" />,
          <StopRow key={stop.id} stop={stop} change={notes?.kinds[stop.id]} isNow={stop.id === now?.id} />,
          <Rests key={`${stop.id} after`} stop={stop} place="after" />,
        ])}
        {notes?.dropped.map((stop) => (
          <DroppedRow key={stop.id} stop={stop} />
        ))}
      </ol>
    </nav>
  );
}

/** Breaks planned at a stop: when, and until when. */
function Rests({ stop, place }: { stop: Stop; place: 'before' | 'after' }) {
  const rests = breaksAt(stop).filter((rest) => rest.place === place && !rest.taken);
  return rests.map((rest) => (
    <li key={rest.startsAt} class="stops__break numeric">
      {sayBreak(rest)}
    </li>
  ));
}

interface StopRowProps {
  stop: Stop;
  change?: ChangeKind | undefined;
  isNow?: boolean;
}

function StopRow({ stop, change, isNow = false }: StopRowProps) {
  const isQueued = waiting.value.some(({ event }) => event.stopId === stop.id);
  const labels = [
    isNow ? t('statusNow') : endWords(stop),
    change && changeName(change),
    isQueued && t('labelQueued'),
    stop.conflicts?.length && t('conflict'),
  ].filter(Boolean);
  const silent = stop.assetIds.some((id) => assets.value.get(id)?.state.silent);
  return (
    <li>
      <button
        type="button"
        class={`stop${isNow ? ' stop--now' : ''}${isEnded(stop) ? ' stop--ended' : ''}`}
        aria-current={isNow ? 'step' : undefined}
        onClick={() => (dialog.value = { kind: 'stop', stop })}
      >
        <span class="visually-hidden">{[stopLabel(stop, progress.value.total), ...labels].join(', ')}</span>
        <span class="stop__seq numeric" aria-hidden="true">
          {stop.seq}
        </span>
        <span class="stop__body" aria-hidden="true">
          <span class="stop__place">{placeName(stop)}</span>
          <span class="stop__facts">
            {labels.map((label) => (
              <span
                key={label as string}
                class={`stop__label${label === (change && changeName(change)) ? ' stop__label--change' : ''}`}
              >
                {label}
              </span>
            ))}
            <span class="numeric">{formatTime(Date.parse(stop.eta))}</span>
            {stop.assetIds.length > 1 && <span>{stop.assetIds.length}×</span>}
          </span>
        </span>
        <span aria-hidden="true">
          {stop.kind === 'disposal' ? (
            <Icon name="truck" size={28} />
          ) : (
            <FillBadge fill={fillOf(stop)} isStale={silent} />
          )}
        </span>
      </button>
    </li>
  );
}

function DroppedRow({ stop }: { stop: Stop }) {
  return (
    <li class="stop stop--dropped">
      <span class="stop__seq" aria-hidden="true">
        –
      </span>
      <span class="stop__body">
        <s class="stop__place">{placeName(stop)}</s>
        <span class="stop__facts">
          <span class="stop__label stop__label--change">{changeName('removed')}</span>
        </span>
      </span>
    </li>
  );
}

/** What became of an ended stop. */
export function endWords(stop: Stop): string | undefined {
  if (stop.status === 'skipped') return t('statusSkipped');
  if (stop.status === 'problem') return t('statusProblem');
  if (stop.status === 'done') return t(stop.kind === 'disposal' ? 'statusTipped' : 'statusDone');
  return undefined;
}
