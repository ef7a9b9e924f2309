import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Stop } from '@ronde/contracts';
import { sayConflict, skipReasonName } from '../shared/i18n/report-text.ts';
import { showToast } from '../shared/ui/toast.tsx';
import { Choice, closeDialog, DECLINE_REASONS, dialog, HeldDialog, SKIP_REASONS } from './held-dialog.tsx';
import type { Marks } from './marks.ts';
import { fillWords } from './now-card.tsx';
import { isEnded } from './overlay.ts';
import { assets, current, progress, waiting } from './state.ts';
import { endWords } from './stop-list.tsx';
import { placeName, stopLabel, t } from './text.ts';
import { vehicleName } from './vehicle-names.ts';

interface StopDialogProps {
  stop: Stop;
  marks: Marks;
}

/** Four reasons, one tap. */
export function SkipDialog({ stop, marks }: StopDialogProps) {
  return (
    <HeldDialog title={`${t('skipTitle')} ${placeName(stop)}`}>
      {SKIP_REASONS.map((reason) => (
        <Choice
          key={reason}
          onPress={() => {
            closeDialog();
            void marks.skipped(stop, reason);
          }}
        >
          {skipReasonName(reason)}
        </Choice>
      ))}
    </HeldDialog>
  );
}

/** A stop that the crew will not go to, with the reason; the planner finds another way. */
export function DeclineDialog({ stop, marks }: StopDialogProps) {
  return (
    <HeldDialog title={`${t('declineTitle')} ${placeName(stop)}`}>
      {DECLINE_REASONS.map((reason) => (
        <Choice
          key={reason}
          onPress={() => {
            closeDialog();
            void marks.declined(stop, reason);
          }}
        >
          {skipReasonName(reason)}
        </Choice>
      ))}
    </HeldDialog>
  );
}

const PROBLEMS = [
  'problemDamage',
  'problemContamination',
  'problemBulky',
  'problemFire',
  'problemSensor',
  'problemOther',
] as const;
const NOTE_MAX = 400;

/** A kind of problem and an optional note; the kind alone is enough. */
export function ProblemDialog({ stop, marks }: StopDialogProps) {
  const note = useSignal('');
  const noteId = useId();
  const report = (kind: (typeof PROBLEMS)[number]): void => {
    closeDialog();
    void marks.problem(stop, [t(kind), note.value.trim()].filter(Boolean).join(': '));
  };
  return (
    <HeldDialog title={`${t('problemTitle')} ${placeName(stop)}`}>
      <label class="choices__wide" for={noteId}>
        {t('problemNote')}
      </label>
      <textarea
        id={noteId}
        class="utrecht-textbox choices__wide"
        rows={2}
        maxLength={NOTE_MAX}
        value={note.value}
        onInput={(event) => (note.value = event.currentTarget.value)}
      />
      {PROBLEMS.map((kind) => (
        <Choice key={kind} onPress={() => report(kind)}>
          {t(kind)}
        </Choice>
      ))}
    </HeldDialog>
  );
}

/** The sensor lies: what the crew sees goes back as truth. */
export function SensorDialog({ stop, marks, assetId }: StopDialogProps & { assetId: string }) {
  const name = assets.value.get(assetId)?.name ?? assetId;
  return (
    <HeldDialog title={t('sensorTitle')}>
      <p class="choices__wide">
        <strong>{name}</strong>. {t('sensorText', { fill: fillWords(assetId) })}
      </p>
      <Choice
        onPress={() => {
          closeDialog();
          void marks.binFull(stop, assetId).then(() => showToast(t('reportedFull', { name })));
        }}
      >
        {t('sensorFull')}
      </Choice>
      <Choice
        onPress={() => {
          closeDialog();
          void marks.binEmpty(stop, assetId);
        }}
      >
        {t('sensorEmpty')}
      </Choice>
    </HeldDialog>
  );
}

/** One stop of the list: go there, open it again, or say that it was not emptied after all. */
export function StopDialog({ stop, marks }: StopDialogProps) {
  const isSent =
    stop.status === 'done' && !waiting.value.some(({ event }) => event.stopId === stop.id && event.kind === 'emptied');
  const isNow = stop.id === current.value?.id;
  const reopen = async (): Promise<void> => {
    closeDialog();
    if (await marks.reopen(stop)) showToast(t('undone', { place: placeName(stop) }));
  };
  return (
    <HeldDialog title={placeName(stop)}>
      <p class="choices__wide">{[stopLabel(stop, progress.value.total), endWords(stop)].filter(Boolean).join(', ')}</p>
      {isEnded(stop) && !isSent && <p class="choices__wide">{t('reopenText')}</p>}
      {!isSent && !isNow && (
        <Choice isMain onPress={() => void reopen()}>
          {t(isEnded(stop) ? 'reopen' : 'doNow')}
        </Choice>
      )}
      {stop.status === 'planned' && stop.kind === 'asset' && (
        <Choice onPress={() => (dialog.value = { kind: 'decline', stop })}>{t('decline')}</Choice>
      )}
      {stop.conflicts?.map((conflict) => (
        <p key={conflict.eventId} class="choices__wide utrecht-alert utrecht-alert--warning">
          <strong>{t('conflict')}.</strong> {sayConflict(conflict, vehicleName)}
        </p>
      ))}
      {isSent && stop.kind === 'asset' && <NotEmptied stop={stop} marks={marks} />}
      <Choice onPress={closeDialog}>{t('cancel')}</Choice>
    </HeldDialog>
  );
}

// The server keeps an emptied stop emptied; a bin that is full all the same is a new fact, and planning acts on it.
function NotEmptied({ stop, marks }: StopDialogProps) {
  return (
    <>
      <p class="choices__wide">{t('notEmptiedText')}</p>
      {stop.assetIds.map((assetId) => {
        const name = assets.value.get(assetId)?.name ?? assetId;
        return (
          <Choice
            key={assetId}
            onPress={() => {
              closeDialog();
              void marks.binFull(stop, assetId).then(() => showToast(t('reportedFull', { name })));
            }}
          >
            {t('notEmptied')}: {name}
          </Choice>
        );
      })}
    </>
  );
}
