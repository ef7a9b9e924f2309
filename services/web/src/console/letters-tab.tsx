import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { DeadLetter, Page, ReplayResult } from '@ronde/contracts';
import { formatMoment, formatNumber, formatTime } from '../shared/i18n/format.ts';
import { sayProblem } from '../shared/i18n/problem-text.ts';
import { call } from '../shared/rest.ts';
import { showToast } from '../shared/ui/toast.tsx';
import { groupLetters, type LetterGroup } from './letter-groups.ts';
import { LoadNote, type LoadState } from './load-state.tsx';
import { RawBytes } from './raw-bytes-view.tsx';
import { codeName, t } from './text.ts';

const MOST = 1000;
const SHOWN_PER_GROUP = 20;
const letters = signal<readonly DeadLetter[]>([]);
const state = signal<LoadState>('loading');
const isCut = signal(false);
/** What runs over many letters at once. */
const work = signal<{ done: number; total: number } | undefined>(undefined);
const asked = signal('');

async function load(): Promise<void> {
  const answer = await call<Page<DeadLetter>>(`/v1/dead-letters?status=open&limit=${MOST}`);
  state.value = answer.ok ? 'ready' : answer.problem;
  if (!answer.ok) return;
  letters.value = answer.value.items;
  isCut.value = answer.value.next !== undefined;
}

/** Dead letters by the way they fail: look, mend, replay; or put aside. */
export function LettersTab() {
  useEffect(() => void load(), []);
  const groups = groupLetters(letters.value);
  return (
    <section aria-labelledby="letters-title">
      <h2 id="letters-title">{t('lettersTitle')}</h2>
      <LoadNote state={state.value} onRetry={() => void load()} />
      {state.value === 'ready' && groups.length === 0 && <p role="status">{t('lettersNone')}</p>}
      {isCut.value && <p class="soft">{t('lettersCut', { n: letters.value.length })}</p>}
      {work.value && <p role="status">{t('working', work.value)}</p>}
      {groups.map((group) => (
        <Group key={group.key} group={group} />
      ))}
    </section>
  );
}

function Group({ group }: { group: LetterGroup }) {
  const n = group.letters.length;
  const words = sayProblem({ code: group.code, detail: group.reason, remedy: group.remedy });
  const isBusy = work.value !== undefined;
  return (
    <article class="group">
      <h3>
        {codeName(group.code)} · {t('lettersGroup', { n })}
      </h3>
      <p class="soft">
        {t('lettersSpan', { first: formatTime(Date.parse(group.firstAt)), last: formatTime(Date.parse(group.lastAt)) })}
      </p>
      <dl class="facts">
        <dt>{t('reason')}</dt>
        <dd>
          {words.server && `${words.what} `}
          <span lang="en">{group.reason}</span>
        </dd>
        <dt>{t('remedy')}</dt>
        <dd>
          {words.server && `${words.remedy} `}
          <span lang="en">{group.remedy}</span>
        </dd>
      </dl>
      <div class="buttons">
        <button
          type="button"
          class="utrecht-button utrecht-button--primary-action"
          disabled={isBusy}
          onClick={() => void replay(group.letters)}
        >
          {t('replayAll', { n })}
        </button>
        {asked.value === group.key ? (
          <>
            <strong role="alert">{t('discardSure')}</strong>
            <button
              type="button"
              class="utrecht-button utrecht-button--secondary-action"
              disabled={isBusy}
              onClick={() => void discard(group.letters)}
            >
              {t('discardAll', { n })}
            </button>
            <button type="button" class="utrecht-button utrecht-button--subtle" onClick={() => (asked.value = '')}>
              {t('cancel')}
            </button>
          </>
        ) : (
          <button
            type="button"
            class="utrecht-button utrecht-button--secondary-action"
            disabled={isBusy}
            onClick={() => (asked.value = group.key)}
          >
            {t('discardAll', { n })}
          </button>
        )}
      </div>
      {group.letters.slice(0, SHOWN_PER_GROUP).map((letter) => (
        <Letter key={letter.id} letter={letter} />
      ))}
    </article>
  );
}

function Letter({ letter }: { letter: DeadLetter }) {
  const facts: [string, string][] = [
    [t('received'), formatMoment(Date.parse(letter.receivedAt))],
    [t('device'), letter.deviceId ?? t('unknownDevice')],
    [t('source'), letter.source],
    [t('stage'), letter.stage],
    [t('reason'), letter.reason],
  ];
  return (
    <details class="letter">
      <summary>
        <span class="numeric">{formatTime(Date.parse(letter.receivedAt))}</span> {letter.deviceId ?? t('unknownDevice')}{' '}
        <code>{letter.topic}</code>
      </summary>
      <dl class="facts">
        {facts.map(([name, value]) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
      </dl>
      <RawBytes base64={letter.rawBase64} />
      <div class="buttons">
        <button
          type="button"
          class="utrecht-button utrecht-button--secondary-action"
          onClick={() => void replay([letter])}
        >
          {t('replay')}
        </button>
        <button type="button" class="utrecht-button utrecht-button--subtle" onClick={() => void discard([letter])}>
          {t('discard')}
        </button>
      </div>
    </details>
  );
}

async function overAll(own: readonly DeadLetter[], run: (letter: DeadLetter) => Promise<void>): Promise<void> {
  work.value = { done: 0, total: own.length };
  // one at a time: a replay is real work for the ingest role
  for (const letter of own) {
    await run(letter);
    work.value = { done: work.value.done + 1, total: own.length };
  }
  work.value = undefined;
  asked.value = '';
  await load();
}

async function replay(own: readonly DeadLetter[]): Promise<void> {
  let done = 0;
  let readings = 0;
  await overAll(own, async ({ id }) => {
    const answer = await call<ReplayResult>(`/v1/dead-letters/${id}/replay`, { method: 'POST' });
    if (!answer.ok || answer.value.status !== 'replayed') return;
    done += 1;
    readings += answer.value.readings;
  });
  showToast(t('replayed', { done, readings: formatNumber(readings), left: own.length - done }));
}

async function discard(own: readonly DeadLetter[]): Promise<void> {
  let n = 0;
  await overAll(own, async ({ id }) => {
    const answer = await call<DeadLetter>(`/v1/dead-letters/${id}/discard`, { method: 'POST' });
    if (answer.ok) n += 1;
  });
  showToast(t('discarded', { n }));
}
