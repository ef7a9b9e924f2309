import { formatTime } from '../shared/i18n/format.ts';
import { LanguageSwitch, ThemeSwitch } from '../shared/ui/switches.tsx';
import { dialog } from './held-dialog.tsx';
import { positionState } from './position.ts';
import { hasReach, isOnline, link, progress, round, waiting } from './state.ts';
import { t } from './text.ts';
import { vehicleName } from './vehicle-names.ts';

/** Says where the connection stands: "Geen bereik · 4 wachten". */
export function reachInWords(): string {
  const queued = waiting.value.length > 0 ? ` · ${t('queued', { n: waiting.value.length })}` : '';
  if (link.value.kind === 'refused') return t('refusedLink') + queued;
  if (hasReach.value) return t('connected') + queued;
  return t(isOnline.value && link.value.kind === 'connecting' ? 'connecting' : 'noReach') + queued;
}

/** Round, vehicle, progress, expected end, connection, theme, language and more. */
export function Header() {
  const shown = round.value;
  const { done, total } = progress.value;
  return (
    <header class="crew__header">
      <div class="crew__round">
        <h1>{shown ? vehicleName(shown.vehicleId) : t('title')}</h1>
        {shown && <span class="numeric">{t('endsAt', { time: formatTime(Date.parse(shown.endsAt)) })}</span>}
        {positionState.value === 'on' && <span>{t('positionShown')}</span>}
      </div>
      {shown && (
        <div class="crew__progress">
          <progress max={Math.max(1, total)} value={done} aria-label={t('progress', { done, total })} />
          <strong class="numeric" aria-hidden="true">{`${done}/${total}`}</strong>
        </div>
      )}
      <ReachChip />
      <div class="crew__switches">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
      <button
        type="button"
        class="utrecht-button utrecht-button--secondary-action crew__more"
        onClick={() => (dialog.value = { kind: 'more' })}
      >
        {t('more')}
      </button>
    </header>
  );
}

// The words are the status; the button opens what waits.
function ReachChip() {
  const kind = hasReach.value ? 'live' : 'waiting';
  return (
    <button type="button" class={`reach reach--${kind}`} onClick={() => (dialog.value = { kind: 'outbox' })}>
      <span class="reach__dot" aria-hidden="true" />
      <span role="status">{reachInWords()}</span>
    </button>
  );
}
