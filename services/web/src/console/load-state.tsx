import type { Problem } from '@ronde/contracts';
import { problemLine } from '../shared/i18n/problem-text.ts';
import { t } from './text.ts';

/** Where a list stands. */
export type LoadState = 'loading' | 'ready' | Problem;

/** Says that a list loads, or why it cannot, with a way to try again. */
export function LoadNote({ state, onRetry }: { state: LoadState; onRetry(): void }) {
  if (state === 'ready') return null;
  if (state === 'loading') {
    return (
      <p role="status" class="soft">
        {t('loading')}
      </p>
    );
  }
  return (
    <div class="utrecht-alert utrecht-alert--error" role="alert">
      <p>
        {state.status === 403
          ? t('forbidden')
          : t('loadFault', { detail: state.status === 0 ? t('unreachable') : problemLine(state) })}
      </p>
      <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={onRetry}>
        {t('retry')}
      </button>
    </div>
  );
}
