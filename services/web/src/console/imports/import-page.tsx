import { signal, useSignal } from '@preact/signals';
import type { Import, Problem } from '@ronde/contracts';
import { call } from '../../shared/rest.ts';
import { Icon } from '../../shared/ui/icon.tsx';
import { hrefOf, open, param } from '../address.ts';
import { PlaceLink } from '../place-link.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { ImportResult } from './import-result.tsx';
import { t } from './text.ts';
import './imports.css';

/** Value of the address before there is an import. */
const NEW = 'new';
/** The chosen file, kept between the check and the import itself. */
const file = signal<File | undefined>(undefined);

/** Imports devices in two steps: a check that changes nothing, then the import, which can be taken back. */
export function ImportPage() {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const id = param('import');
  const send = async (dryRun: boolean): Promise<void> => {
    if (!file.value) return;
    isBusy.value = true;
    const answer = await call<Import>(`/v1/device-imports?dryRun=${dryRun}`, { method: 'POST', body: file.value });
    isBusy.value = false;
    problem.value = answer.ok ? undefined : answer.problem;
    if (answer.ok) open(hrefOf({ tab: 'devices', import: answer.value.id }));
  };
  return (
    <section aria-labelledby="import-title">
      <PlaceLink to={{ tab: 'devices' }} class="utrecht-button utrecht-button--subtle back">
        <Icon name="left" /> {t('back')}
      </PlaceLink>
      <h2 id="import-title">{t('title')}</h2>
      {id === NEW ? (
        <ChooseFile isBusy={isBusy.value} onCheck={() => void send(true)} />
      ) : (
        <ImportResult
          key={id}
          id={id}
          hasFile={file.value !== undefined}
          onCommit={() => void send(false)}
          onAnother={() => open(hrefOf({ tab: 'devices', import: NEW }))}
        />
      )}
      <ProblemNote problem={problem.value} />
    </section>
  );
}

function ChooseFile({ isBusy, onCheck }: { isBusy: boolean; onCheck(): void }) {
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        onCheck();
      }}
    >
      <p>{t('intro')}</p>
      <label class="import__file">
        {t('file')}
        <input
          class="utrecht-textbox"
          type="file"
          accept=".csv,.xlsx,text/csv"
          required
          onChange={(event) => (file.value = event.currentTarget.files?.[0])}
        />
      </label>
      <div class="buttons">
        <button type="submit" class="utrecht-button utrecht-button--primary-action" disabled={isBusy}>
          {t('check')}
        </button>
        <span class="soft import__note">{t('checkNote')}</span>
      </div>
    </form>
  );
}
