import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Problem, SensorTypeDetail, TypeVersionSummary } from '@ronde/contracts';
import { formatDay, formatMinute, formatNumber, formatPercent } from '../../shared/i18n/format.ts';
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
      {version.note && version.note !== version.rolledBack?.reason && <p class="small">{version.note}</p>}
      {status === 'canary' && <Tally version={version} />}
      {status === 'rolled-back' && <WhyBack version={version} />}
      <div class="buttons">
        <StepButton label={t('editFrom')} name={`${t('editFrom')}: ${name}`} onPress={() => adjust({ edit: name })} />
        {origin === 'published' &&
          STEPS[status].map((step) => (
            <StepButton
              key={step}
              label={t(step)}
              name={`${t(step)}: ${name}`}
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
        {t('publish')}: {name}
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

/** Why a version was taken back, by whom, and what it led to. */
function WhyBack({ version: { rolledBack, tally, recovering } }: { version: TypeVersionSummary }) {
  if (!rolledBack) return null;
  const { cause, by, at, reason } = rolledBack;
  const { uplinks, errors } = tally.canary;
  const when = formatMinute(Date.parse(at));
  return (
    <div class="utrecht-alert utrecht-alert--warning">
      <p>
        {cause === 'worse'
          ? t('backWorse', { when, uplinks, errors, failing: tally.newlyFailing, readable: tally.newlyReadable })
          : t('backByHand', { when, by })}
      </p>
      {cause === 'by-hand' && reason && <p>{t('backReason', { reason })}</p>}
      {recovering !== undefined && <p>{t(recovering ? 'backRecovering' : 'backRecovered')}</p>}
    </div>
  );
}

/** How a canary fares beside the version it would replace. */
function Tally({ version: { tally } }: { version: TypeVersionSummary }) {
  const { canary, active, newlyFailing, newlyReadable } = tally;
  const verdict =
    canary.uplinks === 0
      ? t('tallyNone')
      : newlyFailing + newlyReadable === 0
        ? t('tallySame')
        : t('tallyDiff', { failing: newlyFailing, readable: newlyReadable });
  return (
    <div class="tally" role="status">
      <p>{verdict}</p>
      {canary.uplinks > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('tallyWho')}</th>
              <th scope="col">{t('tallyUplinks')}</th>
              <th scope="col">{t('tallyErrors')}</th>
            </tr>
          </thead>
          <tbody>
            {[['tallyNew', canary] as const, ['tallyOld', active] as const].map(([name, { uplinks, errors }]) => (
              <tr key={name}>
                <th scope="row">{t(name)}</th>
                <td class="numeric">{formatNumber(uplinks)}</td>
                <td class="numeric">
                  {formatNumber(errors)} ({formatPercent(errors / Math.max(1, uplinks))})
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="small soft">{t('tallyRule')}</p>
    </div>
  );
}
