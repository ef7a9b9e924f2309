import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Import, ImportRow, Page } from '@ronde/contracts';
import { formatNumber } from '../../shared/i18n/format.ts';
import { call } from '../../shared/rest.ts';
import { LoadNote, type LoadState } from '../load-state.tsx';
import { PlainButton } from '../plain-button.tsx';
import { t } from './text.ts';

const PAGE = 100;
const OUTCOMES = ['refused', 'created', 'updated', 'unchanged'] as const satisfies readonly ImportRow['outcome'][];
type Shown = ImportRow['outcome'] | 'all';

/** What became of each line, those that were refused first. */
export function ImportRows({ state }: { state: Import }) {
  const shown = useSignal<Shown>(state.refused > 0 ? 'refused' : 'all');
  const rows = useSignal<readonly ImportRow[]>([]);
  const next = useSignal<string | undefined>(undefined);
  const load = useSignal<LoadState>('loading');
  const read = async (from?: string): Promise<void> => {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (shown.value !== 'all') query.set('outcome', shown.value);
    if (from) query.set('cursor', from);
    const answer = await call<Page<ImportRow>>(`/v1/imports/${state.id}/rows?${query.toString()}`);
    load.value = answer.ok ? 'ready' : answer.problem;
    if (!answer.ok) return;
    rows.value = from ? [...rows.value, ...answer.value.items] : answer.value.items;
    next.value = answer.value.next;
  };
  useEffect(() => void read(), [shown.value, state.id, state.status]);
  return (
    <article class="card" aria-labelledby="rows-title">
      <h3 id="rows-title">{t('rows')}</h3>
      <div class="buttons" role="group" aria-label={t('show')}>
        {(['all', ...OUTCOMES] as const).map((one) => (
          <button
            key={one}
            type="button"
            class="utrecht-button utrecht-button--secondary-action"
            aria-pressed={shown.value === one}
            onClick={() => (shown.value = one)}
          >
            {one === 'all' ? t('all') : t(`outcome_${one}`)} {formatNumber(one === 'all' ? state.handled : state[one])}
          </button>
        ))}
      </div>
      <LoadNote state={load.value} onRetry={() => void read()} />
      {load.value === 'ready' && rows.value.length === 0 && <p class="soft">{t('noRows')}</p>}
      {rows.value.length > 0 && <RowsTable rows={rows.value} />}
      {next.value && <PlainButton label={t('more')} onPress={() => void read(next.value)} />}
    </article>
  );
}

function RowsTable({ rows }: { rows: readonly ImportRow[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-labelledby="rows-title">
      <table>
        <thead>
          <tr>
            {(['colRow', 'colId', 'colOutcome', 'colNotes'] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.row}>
              <th scope="row" class="numeric">
                {row.row}
              </th>
              <td>
                <code>{row.id ?? '–'}</code>
              </td>
              <td>
                <span class={`badge badge--${row.outcome}`}>{t(`outcome_${row.outcome}`)}</span>
              </td>
              <td>
                <Notes row={row} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Notes({ row: { errors, warnings = [] } }: { row: ImportRow }) {
  return (
    <ul class="import__notes" lang="en">
      {errors.map(({ field, message, remedy }) => (
        <li key={field + message}>
          <code>{field}</code>: {message}
          {remedy && <span class="soft">; {remedy}</span>}
        </li>
      ))}
      {warnings.map((warning) => (
        <li key={warning} class="soft">
          {t('remark')}: {warning}
        </li>
      ))}
    </ul>
  );
}
