import { useComputed } from '@preact/signals';
import { formatAge, formatTime } from '../shared/i18n/format.ts';
import { shared } from '../shared/i18n/shared-text.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { linkInWords, useTick } from '../shared/ui/connection-chip.tsx';
import { heardMs, link, retryLink } from './state.ts';
import { t } from './text.ts';

/** Says in amber that values have stopped moving, since when, and when the next try is. */
export function LinkBar() {
  const tick = useTick();
  const words = useComputed(() => {
    void tick.value;
    const state = link.value;
    if (state.kind !== 'waiting') return '';
    const stopped =
      heardMs.value === null
        ? shared('serverUnreachable')
        : t('liveStopped', { time: formatTime(heardMs.value), age: formatAge(serverNow() - heardMs.value) });
    return `${stopped} ${linkInWords(state, performance.now())}.`;
  });
  if (link.value.kind !== 'waiting') return null;
  return (
    <div class="link-bar utrecht-alert utrecht-alert--warning">
      <span>{words}</span>
      <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={retryLink}>
        {shared('retryNow')}
      </button>
    </div>
  );
}
