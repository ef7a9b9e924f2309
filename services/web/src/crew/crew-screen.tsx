import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { formatTime } from '../shared/i18n/format.ts';
import { sayConflict } from '../shared/i18n/report-text.ts';
import { language } from '../shared/i18n/language.ts';
import { signOut } from '../shared/session.ts';
import { SkipLink } from '../shared/ui/skip-link.tsx';
import { Toasts } from '../shared/ui/toast.tsx';
import { Actions } from './actions.tsx';
import { countChanges } from './changes.ts';
import { markConflictsSeen, unseenConflicts } from './conflicts.ts';
import { CrewMap } from './crew-map.tsx';
import { Header } from './header.tsx';
import { dialog } from './held-dialog.tsx';
import { ChangesDialog, MoreDialog, OutboxDialog, saveAsFile } from './more-dialogs.tsx';
import { NowCard } from './now-card.tsx';
import { openCrewSession, type CrewSession } from './session.ts';
import {
  current,
  entries,
  isLoaded,
  isMapShown,
  link,
  progress,
  round,
  storageFault,
  unseen,
  waiting,
} from './state.ts';
import { DeclineDialog, ProblemDialog, SensorDialog, SkipDialog, StopDialog } from './stop-dialogs.tsx';
import { StopList } from './stop-list.tsx';
import { placeName, t } from './text.ts';
import { vehicleName } from './vehicle-names.ts';
import './crew.css';
import './stops.css';
import './crew-dialogs.css';

/** The crew's screen: now, map, next. */
export function CrewScreen() {
  const session = useSignal<CrewSession | 'opening' | 'no-storage'>('opening');
  useEffect(() => {
    let isGone = false;
    const opening = openCrewSession().then(
      (opened) => {
        if (isGone) opened.stop();
        else session.value = opened;
      },
      () => (session.value = 'no-storage'),
    );
    return () => {
      isGone = true;
      void opening.then(() => typeof session.peek() === 'object' && (session.peek() as CrewSession).stop());
    };
  }, []);
  useEffect(() => {
    document.title = `${t('title')} · Ronde`;
  }, [language.value]);
  if (session.value === 'no-storage') return <Message text={t('noStorage')} />;
  if (session.value === 'opening') return <Message text={t('loading')} />;
  return <Frame session={session.value} />;
}

function Message({ text }: { text: string }) {
  return (
    <main class="page">
      <h1 class="visually-hidden">{t('title')}</h1>
      <p role="status">{text}</p>
    </main>
  );
}

function Frame({ session }: { session: CrewSession }) {
  const stop = current.value;
  return (
    <div class={`crew${isMapShown.value ? '' : ' crew--no-map'}`}>
      <SkipLink />
      <Header />
      <div class="crew__bars">
        <Bars />
      </div>
      <main class="crew__main">{stop ? <NowCard key={stop.id} stop={stop} /> : <NoStop />}</main>
      <Actions stop={stop} marks={session.marks} />
      {isMapShown.value && <CrewMap />}
      <StopList />
      <Dialogs session={session} />
      <Toasts />
    </div>
  );
}

/** What asks for attention: refused, no storage, changed. */
function Bars() {
  return (
    <>
      {link.value.kind === 'refused' && (
        <div class="bar bar--error" role="alert">
          <p>{t('refusedText')}</p>
          <button
            type="button"
            class="utrecht-button utrecht-button--secondary-action"
            onClick={() => saveAsFile(entries.value)}
          >
            {t('outboxExport')}
          </button>
          <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={() => signOut('crew')}>
            {t('signInAgain')}
          </button>
        </div>
      )}
      {storageFault.value !== '' && (
        <p class="bar bar--error" role="alert">
          {t('storageFault', { fault: storageFault.value })}
        </p>
      )}
      <ConflictBar />
      <ChangeBar />
    </>
  );
}

/** Two reports that contradict each other are never a silent matter: they stand here until somebody has read them. */
function ConflictBar() {
  const [first, ...more] = unseenConflicts.value;
  if (!first) return <div role="status" />;
  return (
    <div class="bar" role="status">
      <p>
        <strong>{t('conflict')}.</strong> {placeName(first.stop)}: {sayConflict(first.conflict, vehicleName)}
        {more.length > 0 && ` ${t('conflictsMore', { n: more.length })}`}
      </p>
      <button type="button" class="utrecht-button utrecht-button--primary-action" onClick={markConflictsSeen}>
        {t('understood')}
      </button>
    </div>
  );
}

function ChangeBar() {
  const notes = unseen.value;
  const shown = round.value;
  if (!notes || notes.roundId !== shown?.id) return <div role="status" />;
  const { added, removed, moved } = countChanges(notes);
  const [before, after] = [formatTime(Date.parse(notes.endedAt)), formatTime(Date.parse(shown.endsAt))];
  const words = [
    added > 0 && t('changeAdded', { n: added }),
    removed > 0 && t('changeRemoved', { n: removed }),
    moved > 0 && t('changeMoved', { n: moved }),
    before !== after && t('changeEnd', { before, after }),
  ].filter(Boolean);
  return (
    <div class="bar" role="status">
      <p>{words.join(', ')}.</p>
      <button
        type="button"
        class="utrecht-button utrecht-button--primary-action"
        onClick={() => (dialog.value = { kind: 'changes' })}
      >
        {t('view')}
      </button>
    </div>
  );
}

/** No round, or nothing left in it. */
function NoStop() {
  const { done, total } = progress.value;
  const shown = round.value;
  const queued = waiting.value.length;
  if (!isLoaded.value)
    return (
      <p id="content" class="now" role="status">
        {t('loading')}
      </p>
    );
  return (
    <section class="now" id="content" tabIndex={-1}>
      <h2 class="now__place">{t(shown ? 'roundDone' : 'noRound')}</h2>
      <p>{shown ? t('roundDoneText', { done, total }) : t('noRoundText')}</p>
      <p role="status">{queued > 0 ? t('notSent', { n: queued }) : shown && t('allSent')}</p>
    </section>
  );
}

function Dialogs({ session }: { session: CrewSession }) {
  const open = dialog.value;
  const { marks } = session;
  switch (open?.kind) {
    case undefined:
      return null;
    case 'skip':
      return <SkipDialog stop={open.stop} marks={marks} />;
    case 'decline':
      return <DeclineDialog stop={open.stop} marks={marks} />;
    case 'problem':
      return <ProblemDialog stop={open.stop} marks={marks} />;
    case 'stop':
      return <StopDialog stop={open.stop} marks={marks} />;
    case 'sensor':
      return <SensorDialog stop={open.stop} assetId={open.assetId} marks={marks} />;
    case 'more':
      return <MoreDialog session={session} />;
    case 'outbox':
      return <OutboxDialog session={session} />;
    case 'changes':
      return <ChangesDialog session={session} />;
  }
}
