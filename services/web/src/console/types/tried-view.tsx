import type { CanonicalValue, TryResult } from '@ronde/contracts';
import { qualityName } from '../../shared/i18n/shared-text.ts';
import { quantityName } from '../catalogue.ts';
import { valueWords } from '../device/readings-card.tsx';
import { t } from './text.ts';

interface TriedViewProps {
  result: TryResult;
  frames: readonly { fPort: number; hex: string }[];
}

/** What became of the tried files and frames. */
export function TriedView({ result, frames }: TriedViewProps) {
  const { faults, examples } = result;
  const failed = examples.filter(({ ok }) => !ok);
  return (
    <div class="tried">
      <p role="status">
        {faults.length === 0 && t('faultsNone')}{' '}
        {examples.length > 0 && t('examples', { ok: examples.length - failed.length, total: examples.length })}
      </p>
      {faults.length > 0 && (
        <div class="utrecht-alert utrecht-alert--error">
          <strong>{t('faults')}</strong>
          <ul lang="en">
            {faults.map(({ field, message }) => (
              <li key={field + message}>
                <code>{field}</code>: {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      {failed.map(({ description, why }) => (
        <p key={description} class="utrecht-alert utrecht-alert--warning" lang="en">
          {description}: {why}
        </p>
      ))}
      {result.frames.length > 0 && <h5>{t('framesTitle')}</h5>}
      {result.frames.map((frame, index) => (
        <Frame key={`${index} ${frames[index]?.hex}`} frame={frame} hex={frames[index]?.hex ?? ''} />
      ))}
    </div>
  );
}

function Frame({ frame, hex }: { frame: TryResult['frames'][number]; hex: string }) {
  const notes = [...frame.errors, ...frame.warnings];
  return (
    <div class="tried__frame">
      <p class="sent__head">
        <span class={`badge badge--${frame.ok ? 'ok' : 'bad'}`}>{t(frame.ok ? 'frameOk' : 'frameBad')}</span>
        <code>{hex}</code>
      </p>
      {notes.length > 0 && (
        <ul lang="en">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {frame.ok && (
        <dl class="tried__parts">
          <div>
            <dt>{t('decoded')}</dt>
            <dd>
              <code>{JSON.stringify(frame.data)}</code>
            </dd>
          </div>
          <Values name={t('normalised')} values={frame.normalised} />
          <Values name={t('written')} values={frame.written} />
        </dl>
      )}
    </div>
  );
}

function Values({ name, values }: { name: string; values: readonly CanonicalValue[] }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {values.length === 0 && <span class="soft">{t('nothingWritten')}</span>}
        <ul>
          {values.map((value) => (
            <li key={`${value.quantity} ${value.chamber ?? ''}`}>
              {[quantityName(value.quantity), value.chamber].filter(Boolean).join(' / ')}:{' '}
              <strong>{valueWords(value)}</strong>
              {value.quality !== 'ok' && (
                <span class="soft"> {[qualityName(value.quality), ...value.flags].join(', ')}</span>
              )}
            </li>
          ))}
        </ul>
      </dd>
    </div>
  );
}
