import { planProgress } from './plan-now.ts';
import { t } from './text.ts';

/** Says how far the planning run is, and what came of it. */
export function PlanStatus() {
  const progress = planProgress.value;
  return (
    <p class={`rounds__plan small${progress.kind === 'failed' ? ' rounds__plan--failed' : ''}`} role="status">
      {progress.kind === 'asked' && t('planAsked')}
      {progress.kind === 'solving' && (
        <>
          <progress aria-label={t('planSolving')} /> {t('planSolving')}
        </>
      )}
      {progress.kind === 'done' && (
        <>
          <strong>{t('planDone', { n: progress.plan.roundIds.length })}.</strong>{' '}
          {t('planServed', {
            served: progress.plan.served,
            candidates: progress.plan.candidates,
            left: progress.plan.leftOut.length,
          })}
        </>
      )}
      {progress.kind === 'failed' && t('planFailed', { reason: progress.reason })}
    </p>
  );
}
