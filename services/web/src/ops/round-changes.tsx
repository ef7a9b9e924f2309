import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Round, RoundChange } from '@ronde/contracts';
import { formatTime } from '../shared/i18n/format.ts';
import { problemLine } from '../shared/i18n/problem-text.ts';
import { sayChange } from '../shared/i18n/report-text.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { call } from '../shared/rest.ts';
import { t } from './text.ts';

const VERSIONS_SHOWN = 3;

interface Version {
  version: number;
  at: string;
  changes: RoundChange[];
}

/** What the last versions of a round changed, as its crew was told; read only where somebody opens it. */
export function RoundChanges({ round }: { round: Round }) {
  const isOpen = useSignal(false);
  return (
    <details class="small lane__left-out" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>{t('roundChanges')}</summary>
      {isOpen.value && <Versions round={round} />}
    </details>
  );
}

function Versions({ round: { id, version } }: { round: Round }) {
  const versions = useSignal<readonly Version[] | undefined>(undefined);
  const fault = useSignal('');
  useEffect(() => {
    void call<{ items: Version[] }>(`/v1/rounds/${id}/versions`).then((answer) => {
      fault.value = answer.ok ? '' : problemLine(answer.problem);
      if (answer.ok) versions.value = answer.value.items.toSorted((a, b) => b.version - a.version);
    });
  }, [id, version]);
  if (fault.value !== '') return <p role="status">{fault.value}</p>;
  if (!versions.value) return <p role="status">{t('loading')}</p>;
  const changed = versions.value.filter(({ changes }) => changes.length > 0).slice(0, VERSIONS_SHOWN);
  if (changed.length === 0) return <p>{t('roundChangesNone')}</p>;
  return (
    <>
      {changed.map((one) => (
        <section key={one.version}>
          <h3>
            {t('roundVersion', { version: one.version })}, {formatTime(Date.parse(one.at), serverNow())}
          </h3>
          <ul>
            {one.changes.map((change) => (
              <li key={`${change.kind} ${change.stopId}`}>{sayChange(change)}</li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
