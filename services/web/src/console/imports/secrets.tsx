import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ImportRow } from '@ronde/contracts';
import { listAll } from '../../shared/rest.ts';
import { LoadNote, type LoadState } from '../load-state.tsx';
import { saveFile } from '../../shared/save-file.ts';
import { t } from './text.ts';

/** A device that was made, with the secret that is shown this once. */
export interface DeviceSecret {
  id: string;
  secret: string;
}

/** The secrets of the devices that an import made: fetched once, to be kept as a file. */
export function Secrets({ importId, onFetched }: { importId: string; onFetched(): void }) {
  const secrets = useSignal<readonly DeviceSecret[]>([]);
  const state = useSignal<LoadState>('loading');
  const isSaved = useSignal(false);
  const fetchAll = async (): Promise<void> => {
    const found: DeviceSecret[] = [];
    const answer = await listAll<ImportRow>(`/v1/imports/${importId}/rows?outcome=created`, (rows) => {
      for (const { id, secret } of rows) if (id !== undefined && secret !== undefined) found.push({ id, secret });
      // kept page by page: what was read once is not given again
      secrets.value = [...found];
    });
    state.value = answer.ok ? 'ready' : answer.problem;
    if (answer.ok) onFetched();
  };
  useEffect(() => void fetchAll(), [importId]);
  useWarnBeforeLeaving(secrets.value.length > 0 && !isSaved.value);
  if (state.value === 'ready' && secrets.value.length === 0) return null;
  return (
    <div class="utrecht-alert utrecht-alert--warning secret">
      <LoadNote state={state.value} onRetry={() => void fetchAll()} />
      {secrets.value.length > 0 && (
        <>
          <h3>{t('secretsTitle', { n: secrets.value.length })}</h3>
          <p>{t('secretsText')}</p>
          <div class="buttons">
            <button
              type="button"
              class="utrecht-button utrecht-button--primary-action"
              onClick={() => {
                saveFile(`${importId}-secrets.csv`, new Blob([csvOf(secrets.value)], { type: 'text/csv' }));
                isSaved.value = true;
              }}
            >
              {t('secretsSave')}
            </button>
            {isSaved.value && <span role="status">{t('secretsSaved')}</span>}
          </div>
        </>
      )}
    </div>
  );
}

/** Writes secrets as CSV; ids and secrets hold nothing that needs quotes. */
export function csvOf(secrets: readonly DeviceSecret[]): string {
  return ['id,secret', ...secrets.map(({ id, secret }) => `${id},${secret}`)].join('\r\n') + '\r\n';
}

function useWarnBeforeLeaving(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [isNeeded]);
}
