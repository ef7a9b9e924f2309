import type { Problem } from '@ronde/contracts';
import { sayProblem } from '../shared/i18n/problem-text.ts';
import { t } from './text.ts';

/** Why a write was refused: what and what to do in the reader's language, then each field in the server's words. */
export function ProblemNote({ problem }: { problem: Problem | undefined }) {
  if (!problem) return null;
  const errors = problem.errors ?? [];
  const { what, remedy, server } = sayProblem(problem);
  return (
    <div class="utrecht-alert utrecht-alert--error" role="alert">
      <p>{problem.status === 0 ? t('unreachable') : problem.status === 403 ? t('mayNot') : what}</p>
      {server && errors.length === 0 && problem.status !== 403 && <p lang="en">{server}</p>}
      {errors.length > 0 && (
        <ul lang="en">
          {errors.map((one) => (
            <li key={one.field + one.message}>
              <code>{one.field}</code>: {one.message}
              {one.remedy && `; ${one.remedy}`}
            </li>
          ))}
        </ul>
      )}
      {errors.length === 0 && remedy && <p>{remedy}</p>}
    </div>
  );
}
