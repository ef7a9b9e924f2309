import type { Problem } from '@ronde/contracts';
import { t } from './text.ts';

/** Why a write was refused: the server's sentence, then each field with its remedy. */
export function ProblemNote({ problem }: { problem: Problem | undefined }) {
  if (!problem) return null;
  const errors = problem.errors ?? [];
  return (
    <div class="utrecht-alert utrecht-alert--error" role="alert">
      <p>{problem.status === 0 ? t('unreachable') : problem.status === 403 ? t('mayNot') : problem.detail}</p>
      {errors.length > 0 && (
        <ul>
          {errors.map(({ field, message, remedy }) => (
            <li key={field + message}>
              <code>{field}</code>: {message}
              {remedy && `; ${remedy}`}
            </li>
          ))}
        </ul>
      )}
      {errors.length === 0 && problem.remedy && <p>{problem.remedy}</p>}
    </div>
  );
}
