import { useSignal } from '@preact/signals';
import type { Round } from '@ronde/contracts';
import { formatTime } from '../shared/i18n/format.ts';
import { eventName, sayChange, sayEventFault } from '../shared/i18n/report-text.ts';
import { saveFile } from '../shared/save-file.ts';
import { signOut } from '../shared/session.ts';
import { showToast } from '../shared/ui/toast.tsx';
import { applyUpdate, hasUpdate } from './install-worker.ts';
import { Choice, closeDialog, dialog, HeldDialog } from './held-dialog.tsx';
import type { Entry } from './outbox.ts';
import { hasBreakToTell } from './overlay.ts';
import { positionState, startPosition, stopPosition } from './position.ts';
import type { CrewSession } from './session.ts';
import {
  chosenRoundId,
  entries,
  isMapShown,
  refused,
  round,
  serverRounds,
  shownRounds,
  unseen,
  waiting,
} from './state.ts';
import { changeName, placeName, t } from './text.ts';
import { vehicleName } from './vehicle-names.ts';

/** Everything that is not needed at every stop. */
export function MoreDialog({ session }: { session: CrewSession }) {
  const rounds = shownRounds.value.filter(({ status }) => status === 'active' || status === 'published');
  const pending = waiting.value.map(({ event }) => event);
  const isBreakToTell = round.value && hasBreakToTell(round.value, pending);
  return (
    <HeldDialog title={t('moreTitle')}>
      {round.value && (
        <Choice
          onPress={() => {
            closeDialog();
            void session.marks.vehicleFull().then(() => showToast(t('vehicleFullDone')));
          }}
        >
          {t('vehicleFull')}
        </Choice>
      )}
      {isBreakToTell && (
        <Choice
          onPress={() => {
            closeDialog();
            void session.marks.rested().then(() => showToast(t('restedDone')));
          }}
        >
          {eventName('rested')}
        </Choice>
      )}
      <Choice onPress={() => (dialog.value = { kind: 'outbox' })}>{t('outbox', { n: waiting.value.length })}</Choice>
      <Choice
        onPress={() => {
          isMapShown.value = !isMapShown.value;
          closeDialog();
        }}
      >
        {t(isMapShown.value ? 'hideMap' : 'showMap')}
      </Choice>
      {rounds.length > 1 && rounds.map((one) => <RoundChoice key={one.id} round={one} />)}
      {round.value && <PositionChoice />}
      {hasUpdate.value && <Choice onPress={applyUpdate}>{t('update')}</Choice>}
      <SignOutChoice />
    </HeldDialog>
  );
}

function RoundChoice({ round: one }: { round: Round }) {
  return (
    <Choice
      isMain={one.id === round.value?.id}
      onPress={() => {
        chosenRoundId.value = one.id;
        closeDialog();
      }}
    >
      {t('roundOf', {
        vehicle: vehicleName(one.vehicleId),
        time: formatTime(Date.parse(one.startsAt)),
        stops: one.stops.length,
      })}
    </Choice>
  );
}

function PositionChoice() {
  const isOn = positionState.value === 'on' || positionState.value === 'asking';
  return (
    <>
      <Choice onPress={isOn ? stopPosition : startPosition}>{t(isOn ? 'positionOff' : 'positionOn')}</Choice>
      <p class="choices__wide" role="status">
        {t(positionState.value === 'denied' ? 'positionDenied' : 'positionText')}
      </p>
    </>
  );
}

function SignOutChoice() {
  const isQueued = entries.value.length > 0;
  return (
    <>
      <Choice isDisabled={isQueued} onPress={() => signOut('crew')}>
        {t('signOut')}
      </Choice>
      {isQueued && <p class="choices__wide">{t('signOutQueued')}</p>}
    </>
  );
}

/** What the server does not have yet, and what it refused: send, save as a file, discard with a second look. */
export function OutboxDialog({ session }: { session: CrewSession }) {
  const all = [...refused.value, ...waiting.value];
  return (
    <HeldDialog title={t('outboxTitle')}>
      {all.length === 0 && <p class="choices__wide">{t('outboxEmpty')}</p>}
      {all.length > 0 && (
        <>
          <Choice isMain onPress={session.retry}>
            {t('outboxSend')}
          </Choice>
          <Choice onPress={() => saveAsFile(all)}>{t('outboxExport')}</Choice>
          <ol class="outbox choices__wide">
            {all.map((entry) => (
              <OutboxRow key={entry.event.id} entry={entry} session={session} />
            ))}
          </ol>
        </>
      )}
    </HeldDialog>
  );
}

function OutboxRow({ entry, session }: { entry: Entry; session: CrewSession }) {
  const isSure = useSignal(false);
  const { event, fault, faultCode } = entry;
  const stop = serverRounds.value.find(({ id }) => id === event.roundId)?.stops.find(({ id }) => id === event.stopId);
  return (
    <li class="outbox__entry">
      <span>
        <strong>{eventName(event.kind)}</strong> {stop ? placeName(stop) : event.stopId},{' '}
        {formatTime(Date.parse(event.deviceAt))}
        <br />
        {fault === undefined ? t('outboxWaiting') : t('outboxRefused', { fault: sayEventFault({ fault, faultCode }) })}
        {isSure.value && <strong role="alert"> {t('outboxDiscardSure')}</strong>}
      </span>
      <button
        type="button"
        class="utrecht-button utrecht-button--secondary-action"
        onClick={() => {
          if (isSure.value) void session.outbox.takeBack([event.id]);
          else isSure.value = true;
        }}
      >
        {t('outboxDiscard')}
      </button>
      {isSure.value && (
        <button
          type="button"
          class="utrecht-button utrecht-button--primary-action"
          onClick={() => (isSure.value = false)}
        >
          {t('outboxKeep')}
        </button>
      )}
    </li>
  );
}

/** Gives the reports as JSON lines, as POST /v1/crew-events takes them, so that nothing is lost with the tablet. */
export function saveAsFile(all: readonly Entry[]): void {
  const lines = all.map(({ event }) => JSON.stringify(event)).join('\n');
  const name = `ronde-${all[0]?.event.deviceAt.slice(0, 10) ?? 'leeg'}.jsonl`;
  saveFile(name, new Blob([`${lines}\n`], { type: 'application/x-ndjson' }));
}

/** What changed in the round; closing it means that it was seen. */
export function ChangesDialog({ session }: { session: CrewSession }) {
  const notes = unseen.value;
  const changed = (round.value?.stops ?? []).filter(({ id }) => notes?.kinds[id]);
  return (
    <HeldDialog title={t('changesTitle')}>
      <ul class="outbox choices__wide">
        {[...changed, ...(notes?.dropped ?? [])].map((stop) => {
          const kind = notes?.kinds[stop.id] ?? 'removed';
          const told = notes?.told?.[stop.id];
          return (
            <li key={stop.id} class="outbox__entry">
              <span>
                {told?.kind === kind ? sayChange(told) : `${placeName(stop)}, ${formatTime(Date.parse(stop.eta))}`}
              </span>
              <span class="stop__label stop__label--change">{changeName(kind)}</span>
            </li>
          );
        })}
      </ul>
      <Choice
        isMain
        onPress={() => {
          session.rounds.seen();
          closeDialog();
        }}
      >
        {t('understood')}
      </Choice>
    </HeldDialog>
  );
}
