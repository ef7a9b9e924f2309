import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { formatAge } from '../i18n/format.ts';
import { shared } from '../i18n/shared-text.ts';
import type { LinkState } from '../live/resilient-socket.ts';
import { serverNow } from '../live/server-clock.ts';
import './connection-chip.css';

/** Gives a signal that ticks every second while a component that reads it is on the screen. */
export function useTick(periodMs = 1000): ReadonlySignal<number> {
  const tick = useSignal(0);
  useEffect(() => {
    const timer = setInterval(() => {
      tick.value += 1;
    }, periodMs);
    return () => clearInterval(timer);
  }, [periodMs]);
  return tick;
}

/** Says in words where a connection stands: "Live", "Geen verbinding, opnieuw over 4 s". */
export function linkInWords(state: LinkState, monotonicMs: number): string {
  switch (state.kind) {
    case 'connecting':
      return shared('linkConnecting');
    case 'live':
      return shared('linkLive');
    case 'waiting':
      return shared('linkWaiting', { n: Math.max(0, Math.ceil((state.retryAtMs - monotonicMs) / 1000)) });
    case 'refused':
      return shared('linkRefused');
    case 'stopped':
      return shared('linkStopped');
  }
}

interface ConnectionChipProps {
  link: ReadonlySignal<LinkState>;
  /** Server time of the newest value shown; null = none yet. */
  newestMs: ReadonlySignal<number | null>;
  onRetry(): void;
}

/** The connection as a chip: dot, words, and the age of the newest value. */
export function ConnectionChip({ link, newestMs, onRetry }: ConnectionChipProps) {
  const tick = useTick();
  const words = useComputed(() => (tick.value, linkInWords(link.value, performance.now())));
  const age = useComputed(() => {
    void tick.value;
    if (newestMs.value === null) return shared('linkNoData');
    return shared('linkAge', { age: formatAge(serverNow() - newestMs.value) });
  });
  const kind = link.value.kind;
  return (
    <div class={`connection connection--${kind}`}>
      <span class="connection__dot" aria-hidden="true" />
      <span class="connection__words">
        <span>{words}</span>
        <span class="small soft connection__age">{age}</span>
      </span>
      <span class="visually-hidden" role="status">
        {kind === 'waiting' ? shared('serverUnreachable') : kind === 'live' ? shared('linkLive') : ''}
      </span>
      {(kind === 'waiting' || kind === 'refused') && (
        <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={onRetry}>
          {shared('retryNow')}
        </button>
      )}
    </div>
  );
}
