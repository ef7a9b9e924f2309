import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Import, ImportUndone, Problem } from '@ronde/contracts';
import { call } from '../../shared/rest.ts';
import { showToast } from '../../shared/ui/toast.tsx';
import { LoadNote } from '../load-state.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { useLoaded } from '../use-loaded.ts';
import { ImportRows } from './import-rows.tsx';
import { Secrets } from './secrets.tsx';
import { t } from './text.ts';

const EVERY_MS = 500;

interface ImportResultProps {
  id: string;
  /** The file of the check is still at hand. */
  hasFile: boolean;
  onCommit(): void;
  onAnother(): void;
}

/** How far an import is, what became of each line, and the way on or back. */
export function ImportResult({ id, hasFile, onCommit, onAnother }: ImportResultProps) {
  const isRunning = useSignal(true);
  const loaded = useLoaded<Import>(`/v1/imports/${id}`, isRunning.value ? EVERY_MS : undefined);
  const undone = useSignal<ImportUndone | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const hasSecrets = useSignal(true);
  const state = loaded.value.value;
  useEffect(() => {
    if (state) isRunning.value = state.status === 'running';
  }, [state]);
  const undo = async (): Promise<void> => {
    const answer = await call<ImportUndone>(`/v1/imports/${id}`, { method: 'DELETE' });
    problem.value = answer.ok ? undefined : answer.problem;
    if (answer.ok) {
      undone.value = answer.value;
      const { removed, restored, kept } = answer.value;
      showToast(t('undoDone', { removed, restored, kept: kept.length }));
    }
    await loaded.reload();
  };
  if (!state) return <LoadNote state={loaded.state.value} onRetry={() => void loaded.reload()} />;
  const isDone = state.status !== 'running';
  // secrets come with the first reading of the rows, so they are fetched before any row is shown
  const needsSecrets = state.status === 'done' && !state.dryRun && state.created > 0 && hasSecrets.value;
  return (
    <>
      <article class="card" aria-labelledby="import-state">
        <h3 id="import-state">
          <span role="status">{stateWords(state)}</span>
        </h3>
        {!isDone && (
          <progress value={state.handled} max={Math.max(1, state.total)} aria-label={t('running', progress(state))} />
        )}
        {state.warnings?.map((warning) => (
          <p key={warning} class="utrecht-alert utrecht-alert--warning" lang="en">
            {warning}
          </p>
        ))}
        {isDone && (
          <NextStep
            state={state}
            hasFile={hasFile}
            onCommit={onCommit}
            onAnother={onAnother}
            onUndo={() => void undo()}
          />
        )}
        <ProblemNote problem={problem.value} />
        {undone.value && undone.value.kept.length > 0 && <Kept kept={undone.value.kept} />}
      </article>
      {state.status === 'done' && !state.dryRun && state.created > 0 && (
        <Secrets importId={id} onFetched={() => (hasSecrets.value = false)} />
      )}
      {isDone && !needsSecrets && <ImportRows state={state} />}
    </>
  );
}

interface NextStepProps {
  state: Import;
  hasFile: boolean;
  onCommit(): void;
  onAnother(): void;
  onUndo(): void;
}

function NextStep({ state, hasFile, onCommit, onAnother, onUndo }: NextStepProps) {
  const changes = state.created + state.updated;
  const canCommit = state.dryRun && state.status === 'done' && changes > 0;
  return (
    <>
      {state.dryRun && state.status === 'done' && changes === 0 && <p>{t('nothing')}</p>}
      {canCommit && !hasFile && <p>{t('fileGone')}</p>}
      <div class="buttons">
        {canCommit && hasFile && (
          <button type="button" class="utrecht-button utrecht-button--primary-action" onClick={onCommit}>
            {t('commit', { n: changes })}
          </button>
        )}
        {!state.dryRun && state.status !== 'undone' && changes > 0 && (
          <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={onUndo}>
            {t('undo')}
          </button>
        )}
        <button type="button" class="utrecht-button utrecht-button--subtle" onClick={onAnother}>
          {t('another')}
        </button>
      </div>
    </>
  );
}

function Kept({ kept }: { kept: ImportUndone['kept'] }) {
  return (
    <>
      <h4>{t('keptWhy')}</h4>
      <ul>
        {kept.slice(0, 100).map(({ row, id, reason }) => (
          <li key={row}>
            <code>{id}</code>: <span lang="en">{reason}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

const progress = ({ handled, total }: Import): { done: number; total: number } => ({ done: handled, total });

function stateWords(state: Import): string {
  switch (state.status) {
    case 'running':
      return t(state.dryRun ? 'checking' : 'running', progress(state));
    case 'done':
      return t(state.dryRun ? 'checked' : 'done', { total: state.total });
    case 'undone':
      return t('undone');
    case 'failed':
      return t('failed', { fault: state.fault ?? '' });
  }
}
