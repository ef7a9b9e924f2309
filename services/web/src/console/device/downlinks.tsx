import { useSignal } from '@preact/signals';
import type { Downlink, Page, Problem, SettingSummary } from '@ronde/contracts';
import { formatAge, formatMoment, formatNumber } from '../../shared/i18n/format.ts';
import { serverNow } from '../../shared/live/server-clock.ts';
import { call } from '../../shared/rest.ts';
import { showToast } from '../../shared/ui/toast.tsx';
import { Field, number } from '../field.tsx';
import { LoadNote } from '../load-state.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { useLoaded } from '../use-loaded.ts';
import { t } from './text.ts';

const EVERY_MS = 3_000;
const SHOWN = 10;
type Parameter = SettingSummary['parameters'][string];

/** What can be set on a device, and what became of what was sent. */
export function Downlinks({ deviceId }: { deviceId: string }) {
  const settings = useLoaded<{ items: SettingSummary[] }>(`/v1/devices/${deviceId}/settings`);
  const sent = useLoaded<Page<Downlink>>(`/v1/downlinks?deviceId=${deviceId}&limit=${SHOWN}`, EVERY_MS);
  const items = settings.value.value?.items ?? [];
  return (
    <article class="card" aria-labelledby="settings-title">
      <h3 id="settings-title">{t('settings')}</h3>
      <LoadNote state={settings.state.value} onRetry={() => void settings.reload()} />
      {settings.state.value === 'ready' && items.length === 0 && <p class="soft">{t('settingsNone')}</p>}
      {items.map((setting) => (
        <SettingForm key={setting.name} deviceId={deviceId} setting={setting} onSent={() => void sent.reload()} />
      ))}
      <SentList items={sent.value.value?.items ?? []} isShown={items.length > 0} onChanged={() => void sent.reload()} />
    </article>
  );
}

interface SettingFormProps {
  deviceId: string;
  setting: SettingSummary;
  onSent(): void;
}

function SettingForm({ deviceId, setting, onSent }: SettingFormProps) {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const { name, description, parameters } = setting;
  const send = async (form: FormData): Promise<void> => {
    const values = Object.keys(parameters).map((key) => [key, number(form, key)] as const);
    const given = Object.fromEntries(values.filter(([, value]) => value !== undefined));
    isBusy.value = true;
    const answer = await call<Downlink>(`/v1/devices/${deviceId}/downlinks`, {
      method: 'POST',
      body: { setting: name, parameters: given },
    });
    isBusy.value = false;
    problem.value = answer.ok ? undefined : answer.problem;
    if (!answer.ok) return;
    showToast(t('sent'));
    onSent();
  };
  const errorOf = (key: string): string | undefined =>
    problem.value?.errors?.find(({ field }) => field === `parameters.${key}`)?.message;
  const others = (problem.value?.errors ?? []).filter(({ field }) => !(field.replace('parameters.', '') in parameters));
  return (
    <form
      class="setting"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send(new FormData(event.currentTarget));
      }}
    >
      <h4>
        <code>{name}</code> <span class="soft">{description}</span>
      </h4>
      {Object.entries(parameters).map(([key, parameter]) => (
        <Field
          key={key}
          name={key}
          type="number"
          label={[key, parameter.unit && `(${parameter.unit})`].filter(Boolean).join(' ')}
          hint={hintOf(key, parameter)}
          min={parameter.min}
          max={parameter.max}
          error={errorOf(key)}
        />
      ))}
      <button
        type="submit"
        class="utrecht-button utrecht-button--secondary-action"
        disabled={isBusy.value}
        aria-label={t('sendOf', { name })}
      >
        {t('send')}
      </button>
      {problem.value && (others.length > 0 || !problem.value.errors?.length) && (
        <div class="form__wide">
          <ProblemNote problem={{ ...problem.value, errors: others }} />
        </div>
      )}
    </form>
  );
}

/** The range, and the description where it tells more than the name. */
function hintOf(key: string, { min, max, description }: Parameter): string {
  const range =
    min !== undefined && max !== undefined
      ? t('range', { min: formatNumber(min), max: formatNumber(max) })
      : min !== undefined
        ? t('rangeFrom', { min: formatNumber(min) })
        : max !== undefined
          ? t('rangeTo', { max: formatNumber(max) })
          : undefined;
  return [range, description === key ? undefined : description].filter(Boolean).join('; ');
}

interface SentListProps {
  items: readonly Downlink[];
  isShown: boolean;
  onChanged(): void;
}

function SentList({ items, isShown, onChanged }: SentListProps) {
  if (items.length === 0 && !isShown) return null;
  return (
    <>
      <h4>{t('downlinks')}</h4>
      {items.length === 0 && <p class="soft">{t('downlinksNone')}</p>}
      <ul class="sent" aria-live="polite">
        {items.map((item) => (
          <Sent key={item.id} item={item} onChanged={onChanged} />
        ))}
      </ul>
    </>
  );
}

function Sent({ item, onChanged }: { item: Downlink; onChanged(): void }) {
  const problem = useSignal<Problem | undefined>(undefined);
  const { id, setting, parameters, status, createdAt, history, attempts, handedOverAt } = item;
  const given = Object.entries(parameters).map(([name, value]) => `${name} = ${value}`);
  const takeBack = async (): Promise<void> => {
    const answer = await call(`/v1/downlinks/${id}`, { method: 'DELETE' });
    problem.value = answer.ok ? undefined : answer.problem;
    onChanged();
  };
  return (
    <li>
      <div class="sent__head">
        <span>
          <strong>{setting}</strong> {given.join(', ')}
        </span>
        <span class={`badge badge--${status}`}>{t(`downlink_${status}`)}</span>
        <span class="small soft" title={formatMoment(Date.parse(createdAt))}>
          {formatAge(serverNow() - Date.parse(createdAt))}
        </span>
        {status === 'queued' && handedOverAt === undefined && (
          <button
            type="button"
            class="utrecht-button utrecht-button--subtle"
            aria-label={t('takeBackOf', { name: setting })}
            onClick={() => void takeBack()}
          >
            {t('takeBack')}
          </button>
        )}
      </div>
      <ProblemNote problem={problem.value} />
      <details>
        <summary>
          {t('downlinkSteps')} <span class="soft">{t('attempts', { n: attempts })}</span>
        </summary>
        <ol class="small">
          {history.map((step) => (
            <li key={step.at + step.status}>
              <span class="soft">{formatMoment(Date.parse(step.at))}</span> {t(`downlink_${step.status}`)}
              {step.detail && <span lang="en">: {step.detail}</span>}
            </li>
          ))}
        </ol>
        <code class="small">{item.payloadHex}</code>
      </details>
    </li>
  );
}
