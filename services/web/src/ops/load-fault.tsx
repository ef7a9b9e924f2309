import type { Problem } from '@ronde/contracts';
import { problemLine } from '../shared/i18n/problem-text.ts';
import { shared } from '../shared/i18n/shared-text.ts';
import { UNREACHABLE } from '../shared/rest.ts';
import { t } from './text.ts';

/** Says that one part could not load, and why; the rest of the screen goes on. */
export function LoadFault({ problem, onRetry }: { problem: Problem; onRetry?(): void }) {
  const reason = problem.code === UNREACHABLE ? shared('serverUnreachable') : problemLine(problem);
  return (
    <div class="utrecht-alert utrecht-alert--error load-fault" role="alert">
      <p>{t('partFault', { reason })}</p>
      {onRetry && (
        <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={onRetry}>
          {t('retry')}
        </button>
      )}
    </div>
  );
}
