import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem, Replay } from '@ronde/contracts';
import { formatMoment, formatNumber, formatPercent } from '../../shared/i18n/format.ts';
import { call } from '../../shared/rest.ts';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { Icon } from '../../shared/ui/icon.tsx';
import { Facts } from '../device/facts.tsx';
import { LoadNote } from '../load-state.tsx';
import { PlaceLink } from '../place-link.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { useLoaded } from '../use-loaded.ts';
import { ReplayDiffView } from './replay-diff.tsx';
import { differing, isRunning, periodWords, scopeWords } from './say.ts';
import { t } from './text.ts';

const EVERY_MS = 700;

/** One replay: how far it is, what would differ, and the way on, back or out. */
export function ReplayPage({ id }: { id: string }) {
  const isFollowed = useSignal(true);
  const loaded = useLoaded<Replay>(`/v1/replays/${encodeURIComponent(id)}`, isFollowed.value ? EVERY_MS : undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [id]);
  const replay = loaded.value.value;
  useEffect(() => {
    if (replay) isFollowed.value = isRunning(replay);
  }, [replay]);
  const step = async (verb: 'apply' | 'cancel'): Promise<void> => {
    const answer = await call(`/v1/replays/${id}/${verb}`, { method: 'POST' });
    problem.value = answer.ok ? undefined : answer.problem;
    await loaded.reload();
    // a cancelled one ends its stretch first
    isFollowed.value = true;
  };
  return (
    <section aria-labelledby="replay-title">
      <PlaceLink to={{ tab: 'replays' }} class="utrecht-button utrecht-button--subtle back">
        <Icon name="left" /> {t('back')}
      </PlaceLink>
      <div class="device__head">
        <h2 id="replay-title" ref={heading} tabIndex={-1}>
          {replay ? scopeWords(replay) : id}
        </h2>
        {replay && <span class={`badge badge--${replay.status}`}>{t(`status_${replay.status}`)}</span>}
      </div>
      <LoadNote state={loaded.state.value} onRetry={() => void loaded.reload()} />
      {replay && (
        <>
          <State replay={replay} problem={problem.value} onStep={(verb) => void step(verb)} />
          {replay.diff && <ReplayDiffView replay={replay} diff={replay.diff} />}
        </>
      )}
    </section>
  );
}

interface StateProps {
  replay: Replay;
  problem: Problem | undefined;
  onStep(verb: 'apply' | 'cancel'): void;
}

function State({ replay, problem, onStep }: StateProps) {
  const { status, progress, applied, note, createdAt, createdBy, diff } = replay;
  return (
    <article class="card" aria-labelledby="replay-state">
      <h3 id="replay-state">
        <span role="status">{stateWords(replay)}</span>
      </h3>
      {isRunning(replay) && status !== 'waiting' && (
        <progress class="replay__progress" value={progress.share} max={1} aria-labelledby="replay-state" />
      )}
      {applied && status !== 'applied' && <p>{t('appliedSoFar', shown(applied))}</p>}
      <Steps replay={replay} onStep={onStep} />
      <ProblemNote problem={problem} />
      <Facts
        facts={[
          [t('colPeriod'), periodWords(replay)],
          [
            t('found'),
            diff && t('foundWords', { uplinks: formatNumber(diff.uplinks), failing: formatNumber(diff.failing) }),
          ],
          [t('started'), formatMoment(Date.parse(createdAt))],
          [t('by'), createdBy === 'ronde' ? t('byRonde') : createdBy],
          [t('note'), note],
        ]}
      />
    </article>
  );
}

/** What can be done with it now. Changing history asks once more, with the numbers in sight. */
function Steps({ replay, onStep }: Omit<StateProps, 'problem'>) {
  const isAsking = useSignal(false);
  const { status, diff, applied, typeId = '', deviceId = '' } = replay;
  const canApply = diff !== null && differing(replay) > 0 && !isRunning(replay) && status !== 'applied';
  const anew = { tab: 'replays', replay: 'new', type: typeId, of: deviceId };
  return (
    <div class="buttons">
      {canApply && (
        <button
          type="button"
          class="utrecht-button utrecht-button--primary-action"
          aria-haspopup="dialog"
          onClick={() => (isAsking.value = true)}
        >
          {t(applied ? 'goOn' : 'apply')}
        </button>
      )}
      {isRunning(replay) && (
        <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={() => onStep('cancel')}>
          {t('cancel')}
        </button>
      )}
      {!isRunning(replay) && (
        <PlaceLink to={anew} class="utrecht-button utrecht-button--secondary-action">
          {t(status === 'applied' ? 'takeBack' : 'again')}
        </PlaceLink>
      )}
      {status === 'applied' && <span class="soft replay-form__note">{t('takeBackNote')}</span>}
      {isAsking.value && diff && (
        <Dialog title={t('sureTitle')} onClose={() => (isAsking.value = false)}>
          <p>{t('sure', shown(diff.readings))}</p>
          <p>{t('sureMore')}</p>
          <div class="buttons replay__sure">
            <button
              type="button"
              class="utrecht-button utrecht-button--primary-action"
              onClick={() => {
                isAsking.value = false;
                onStep('apply');
              }}
            >
              {t('sureApply')}
            </button>
            <button
              type="button"
              class="utrecht-button utrecht-button--secondary-action"
              onClick={() => (isAsking.value = false)}
            >
              {t('cancel')}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

interface Counts {
  changed: number;
  added: number;
  removed: number;
}
const shown = ({ changed, added, removed }: Counts): Counts => ({ changed, added, removed });

function stateWords(replay: Replay): string {
  const { status, progress, diff, applied, fault } = replay;
  const pace = { share: formatPercent(progress.share), frames: formatNumber(progress.frames) };
  switch (status) {
    case 'waiting':
      return t('waiting');
    case 'comparing':
      return t('comparing', pace);
    case 'applying':
      return t('applying', pace);
    case 'compared':
      if (diff?.uplinks === 0) return t('noFrames');
      return differing(replay) === 0 ? t('nothing') : `${t('differs', { n: differing(replay) })} ${t('compareDone')}`;
    case 'applied':
      return t('applied', shown(applied ?? { changed: 0, added: 0, removed: 0 }));
    case 'cancelled':
      return t(diff ? 'cancelled' : 'cancelledEarly');
    case 'failed':
      return t('failed', { fault: fault ?? '' });
  }
}
