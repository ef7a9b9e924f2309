import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Problem, VersionComparisonJob } from '@ronde/contracts';
import { formatMoment, formatNumber } from '../../shared/i18n/format.ts';
import { call } from '../../shared/rest.ts';
import { ProblemNote } from '../problem-note.tsx';
import { t } from './text.ts';

const EVERY_MS = 700;

/** What a version would change on the newest real frames of its type; starts when it appears. */
export function Comparison({ typeId, version }: { typeId: string; version: string }) {
  const job = useSignal<VersionComparisonJob | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  useEffect(() => {
    const left = new AbortController();
    const path = `/v1/sensor-types/${typeId}/versions/${version}`;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      const answer = await call<VersionComparisonJob>(`${path}/comparison`, { signal: left.signal });
      if (left.signal.aborted) return;
      if (answer.ok) job.value = answer.value;
      else problem.value = answer.problem;
      if (answer.ok && answer.value.status === 'running') timer = setTimeout(() => void look(), EVERY_MS);
    };
    const begin = async (): Promise<void> => {
      const answer = await call<VersionComparisonJob>(`${path}/compare`, { method: 'POST', body: {} });
      // one that runs already is just as good
      if (answer.ok || answer.problem.status === 409) await look();
      else problem.value = answer.problem;
    };
    void begin();
    document.getElementById('comparison-title')?.scrollIntoView();
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [typeId, version]);
  const shown = job.value;
  return (
    <article class="card" aria-labelledby="comparison-title">
      <h3 id="comparison-title">
        {t('comparison', { version, against: shown ? (shown.against ?? t('comparisonNone')) : '…' })}
      </h3>
      <p role="status">{wordsOf(shown)}</p>
      {shown?.status === 'running' && <progress value={shown.found} max={shown.wanted} aria-label={t('compare')} />}
      <ProblemNote problem={problem.value} />
      {shown?.result && shown.result.examples.length > 0 && <Examples examples={shown.result.examples} />}
    </article>
  );
}

function wordsOf(job: VersionComparisonJob | undefined): string {
  if (!job) return t('trying');
  const { found, wanted, scanned, result, shortBecause } = job;
  if (job.status === 'failed') return job.fault ?? '';
  if (!result) {
    return t('comparing', {
      found: formatNumber(found),
      wanted: formatNumber(wanted),
      scanned: formatNumber(scanned),
    });
  }
  const { changed, newlyFailing, newlyReadable, same, frames } = result;
  return [
    `${t('compared', { changed, failing: newlyFailing, readable: newlyReadable, same })} ${t('comparedOn', { n: frames })}.`,
    shortBecause && t(shortBecause === 'inbox-end' ? 'short_inbox' : 'short_search'),
  ]
    .filter(Boolean)
    .join(' ');
}

function Examples({ examples }: { examples: NonNullable<VersionComparisonJob['result']>['examples'] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-labelledby="comparison-title">
      <table class="compared">
        <thead>
          <tr>
            {(['frame', 'before', 'after'] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {examples.map(({ uplinkId, deviceId, at, fPort, hex, before, after }) => (
            <tr key={uplinkId}>
              <th scope="row" title={formatMoment(Date.parse(at))}>
                {deviceId}
                <br />
                <code>
                  {fPort ?? '–'} {hex}
                </code>
              </th>
              <td>
                <code>{before}</code>
              </td>
              <td>
                <code>{after}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
