import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Page, Replay } from '@ronde/contracts';
import { formatAge, formatMoment, formatNumber, formatPercent } from '../../shared/i18n/format.ts';
import { serverNow } from '../../shared/live/server-clock.ts';
import { call } from '../../shared/rest.ts';
import { LoadNote, type LoadState } from '../load-state.tsx';
import { PlainButton } from '../plain-button.tsx';
import { PlaceLink } from '../place-link.tsx';
import { differing, isRunning, periodWords, scopeWords } from './say.ts';
import { t } from './text.ts';

const PAGE = 25;
const EVERY_MS = 2_000;

/** All replays, the newest first, and the way to a new one. */
export function ReplayList() {
  const replays = useSignal<readonly Replay[]>([]);
  const next = useSignal<string | undefined>(undefined);
  const state = useSignal<LoadState>('loading');
  const read = async (from?: string): Promise<void> => {
    const answer = await call<Page<Replay>>(`/v1/replays?limit=${PAGE}${from ? `&cursor=${from}` : ''}`);
    state.value = answer.ok ? 'ready' : answer.problem;
    if (!answer.ok) return;
    const { items, next: more } = answer.value;
    // looking again renews the first page and leaves the others
    const older = from ? [] : replays.value.slice(items.length);
    replays.value = from ? [...replays.value, ...items] : [...items, ...older];
    if (from || older.length === 0) next.value = more;
  };
  const isAnyRunning = replays.value.some(isRunning);
  useEffect(() => void read(), []);
  useEffect(() => {
    if (!isAnyRunning) return undefined;
    const timer = setInterval(() => void read(), EVERY_MS);
    return () => clearInterval(timer);
  }, [isAnyRunning]);
  return (
    <section aria-labelledby="replays-title">
      <h2 id="replays-title">{t('title')}</h2>
      <p class="replays__intro">{t('intro')}</p>
      <div class="buttons">
        <PlaceLink to={{ tab: 'replays', replay: 'new' }} class="utrecht-button utrecht-button--primary-action">
          {t('start')}
        </PlaceLink>
      </div>
      <LoadNote state={state.value} onRetry={() => void read()} />
      {state.value === 'ready' && replays.value.length === 0 && <p role="status">{t('none')}</p>}
      {replays.value.length > 0 && <ReplaysTable replays={replays.value} />}
      {next.value && <PlainButton label={t('more')} class="replays__more" onPress={() => void read(next.value)} />}
    </section>
  );
}

function ReplaysTable({ replays }: { replays: readonly Replay[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('table')}>
      <table>
        <thead>
          <tr>
            {(['colWhat', 'colStatus', 'colResult', 'colPeriod', 'colWhen'] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {replays.map((replay) => (
            <tr key={replay.id}>
              <th scope="row">
                <PlaceLink to={{ tab: 'replays', replay: replay.id }} class="replays__link">
                  {scopeWords(replay)}
                </PlaceLink>
              </th>
              <td>
                <span class={`badge badge--${replay.status}`}>{t(`status_${replay.status}`)}</span>
              </td>
              <td class="numeric">{resultWords(replay)}</td>
              <td>{periodWords(replay)}</td>
              <td title={formatMoment(Date.parse(replay.createdAt))}>
                {formatAge(serverNow() - Date.parse(replay.createdAt))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function resultWords(replay: Replay): string {
  if (isRunning(replay)) return formatPercent(replay.progress.share);
  return replay.diff === null ? '–' : formatNumber(differing(replay));
}
