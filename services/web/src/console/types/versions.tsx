import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Problem, SensorTypeDetail, TypeVersionSummary } from '@ronde/contracts';
import { formatDay, formatNumber } from '../../shared/i18n/format.ts';
import { call } from '../../shared/rest.ts';
import { showToast } from '../../shared/ui/toast.tsx';
import { adjust } from '../address.ts';
import { ProblemNote } from '../problem-note.tsx';
import { t } from './text.ts';

const FIRST_SHARE = 10;
/** Which steps may follow each status. */
const STEPS: Record<TypeVersionSummary['status'], readonly Step[]> = {
  draft: ['compare', 'publish', 'promote', 'remove'],
  canary: ['compare', 'publish', 'promote', 'rollBack'],
  active: ['rollBack'],
  'rolled-back': ['compare', 'publish', 'promote'],
  superseded: ['compare', 'publish', 'promote'],
};
type Step = 'compare' | 'publish' | 'promote' | 'rollBack' | 'remove';

/** The versions of a type, the newest first: how each fares, and its way from draft to all devices and back. */
export function Versions({ type, onChanged }: { type: SensorTypeDetail; onChanged(): void }) {
  return (
    <article class="card" aria-labelledby="versions-title">
      <h3 id="versions-title">{t('versions')}</h3>
      <ul class="versions">
        {type.versions.map((version) => (
          <Version key={version.version + version.origin} version={version} onChanged={onChanged} />
        ))}
      </ul>
    </article>
  );
}

function Version({ version, onChanged }: { version: TypeVersionSummary; onChanged(): void }) {
  const problem = useSignal<Problem | undefined>(undefined);
  const asking = useSignal<'publish' | 'remove' | undefined>(undefined);
  const { typeId, version: name, status, origin } = version;
  const path = `/v1/sensor-types/${typeId}/versions/${name}`;
  const send = async (said: string, how: { step?: string; body?: unknown; method?: 'DELETE' }): Promise<void> => {
    const { step, body, method = 'POST' } = how;
    const answer = await call(step ? `${path}/${step}` : path, { method, ...(body !== undefined && { body }) });
    problem.value = answer.ok ? undefined : answer.problem;
    asking.value = undefined;
    if (answer.ok) showToast(said);
    onChanged();
  };
  const run = (step: Step): void => {
    if (step === 'compare') adjust({ compare: name });
    else if (step === 'promote') void send(t('promoted', { version: name }), { step: 'promote' });
    else if (step === 'rollBack') void send(t('rolledBack', { version: name }), { step: 'roll-back' });
    else asking.value = asking.value === step ? undefined : step;
  };
  return (
    <li class="version">
      <div class="sent__head">
        <strong>{name}</strong>
        <span class={`badge badge--${status}`}>{t(`status_${status}`)}</span>
        <span class="small soft">{originWords(version)}</span>
      </div>
      {version.note && <p class="small">{version.note}</p>}
      {status === 'canary' && <Tally version={version} />}
      <div class="buttons">
        <StepButton
          label={t('editFrom')}
          name={t('editFromOf', { version: name })}
          onPress={() => adjust({ edit: name })}
        />
        {origin === 'published' &&
          STEPS[status].map((step) => (
            <StepButton
              key={step}
              label={t(step)}
              name={t(`${step}Of`, { version: name })}
              isOpen={step === 'publish' || step === 'remove' ? asking.value === step : undefined}
              onPress={() => run(step)}
            />
          ))}
      </div>
      {asking.value === 'publish' && (
        <ShareForm
          first={version.canaryPercent || FIRST_SHARE}
          name={name}
          onSend={(share) =>
            void send(t('published', { version: name, share }), { step: 'publish', body: { canaryPercent: share } })
          }
        />
      )}
      {asking.value === 'remove' && (
        <div class="buttons">
          <strong role="alert">{t('removeSure')}</strong>
          <StepButton
            label={t('remove')}
            onPress={() => void send(t('removed', { version: name }), { method: 'DELETE' })}
          />
          <StepButton label={t('cancel')} onPress={() => (asking.value = undefined)} />
        </div>
      )}
      <ProblemNote problem={problem.value} />
    </li>
  );
}

interface StepButtonProps {
  label: string;
  name?: string;
  isOpen?: boolean | undefined;
  onPress(): void;
}

function StepButton({ label, name, isOpen, onPress }: StepButtonProps) {
  return (
    <button
      type="button"
      class="utrecht-button utrecht-button--secondary-action"
      aria-label={name}
      aria-expanded={isOpen}
      onClick={onPress}
    >
      {label}
    </button>
  );
}

function ShareForm({ first, name, onSend }: { first: number; name: string; onSend(share: number): void }) {
  const id = useId();
  return (
    <form
      class="buttons share"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(Number(new FormData(event.currentTarget).get('share')));
      }}
    >
      <label for={id}>{t('share')}</label>
      <input
        id={id}
        class="utrecht-textbox"
        name="share"
        type="number"
        min={1}
        max={100}
        step={1}
        required
        defaultValue={String(first)}
      />
      <button type="submit" class="utrecht-button utrecht-button--primary-action">
        {t('publishOf', { version: name })}
      </button>
    </form>
  );
}

function originWords({ origin, createdAt, createdBy, status, canaryPercent }: TypeVersionSummary): string {
  return [
    origin === 'folder' && t('folder'),
    createdAt && formatDay(Date.parse(createdAt)),
    createdBy && t('publishedBy', { by: createdBy }),
    status === 'canary' && t('onShare', { share: canaryPercent }),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** How a canary fares beside the version it would replace. */
function Tally({ version: { tally } }: { version: TypeVersionSummary }) {
  const words = ({ uplinks, errors }: { uplinks: number; errors: number }): string =>
    t('tally', { uplinks: formatNumber(uplinks), errors: formatNumber(errors) });
  return (
    <ul class="small" role="status">
      <li>{t('tallyNew', { words: words(tally.canary) })}</li>
      <li>{t('tallyOld', { words: words(tally.active) })}</li>
      <li>{t('tallyDiff', { failing: tally.newlyFailing, readable: tally.newlyReadable })}</li>
    </ul>
  );
}
