import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Adopted, Page, Problem, UnknownDevice } from '@ronde/contracts';
import { formatAge, formatMoment, formatNumber } from '../../shared/i18n/format.ts';
import { serverNow } from '../../shared/live/server-clock.ts';
import { call } from '../../shared/rest.ts';
import { adjust, param } from '../address.ts';
import { loadTypes } from '../catalogue.ts';
import { LoadNote } from '../load-state.tsx';
import { PlaceLink } from '../place-link.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { SecretNote } from '../secret-note.tsx';
import { showToast } from '../../shared/ui/toast.tsx';
import { useLoaded } from '../use-loaded.ts';
import { AdoptForm } from './adopt-form.tsx';
import { t } from './text.ts';

const EVERY_MS = 10_000;

/** Devices that send and are not registered: look, register with a type, make a type, or put aside. */
export function UnknownTab() {
  const isDismissed = param('dismissed') !== '';
  const list = useLoaded<Page<UnknownDevice>>(`/v1/unknown-devices?dismissed=${isDismissed}`, EVERY_MS);
  const adopted = useSignal<Adopted | undefined>(undefined);
  useEffect(() => void loadTypes(), []);
  const items = list.value.value?.items ?? [];
  return (
    <section aria-labelledby="unknown-title">
      <h2 id="unknown-title">{t('title')}</h2>
      <p class="soft">{t('intro')}</p>
      <label class="check">
        <input
          type="checkbox"
          checked={isDismissed}
          onChange={(event) => adjust({ dismissed: event.currentTarget.checked ? '1' : '' })}
        />
        {t('showDismissed')}
      </label>
      <LoadNote state={list.state.value} onRetry={() => void list.reload()} />
      {adopted.value && <AdoptedNote adopted={adopted.value} onDone={() => (adopted.value = undefined)} />}
      {list.state.value === 'ready' && items.length === 0 && (
        <p role="status">{t(isDismissed ? 'noneDismissed' : 'none')}</p>
      )}
      {items.map((device) => (
        <Unknown
          key={device.id}
          device={device}
          onAdopted={(made) => {
            adopted.value = made;
            void list.reload();
          }}
          onChanged={() => void list.reload()}
        />
      ))}
    </section>
  );
}

interface UnknownProps {
  device: UnknownDevice;
  onAdopted(made: Adopted): void;
  onChanged(): void;
}

function Unknown({ device, onAdopted, onChanged }: UnknownProps) {
  const isAdopting = useSignal(false);
  const problem = useSignal<Problem | undefined>(undefined);
  const { id, name, suggestedTypeIds, samples } = device;
  const dismiss = async (): Promise<void> => {
    const answer = await call(`/v1/unknown-devices/${id}`, { method: 'DELETE' });
    problem.value = answer.ok ? undefined : answer.problem;
    if (answer.ok) showToast(t('dismissed', { name }));
    onChanged();
  };
  return (
    <article class="card" aria-labelledby={`unknown-${id}`}>
      <h3 id={`unknown-${id}`}>
        <code>{name}</code>
      </h3>
      <Heard device={device} />
      <p>
        {suggestedTypeIds.length > 0 ? (
          <>
            {t('suggested')} <strong>{suggestedTypeIds.slice(0, 3).join(', ')}</strong>
          </>
        ) : (
          t('suggestedNone')
        )}
      </p>
      <details>
        <summary>{t('samples')}</summary>
        <ul class="samples">
          {samples.map(({ at, fPort, hex }) => (
            <li key={at + hex}>
              <span class="small soft" title={formatMoment(Date.parse(at))}>
                {formatAge(serverNow() - Date.parse(at))}
                {fPort !== null && ` · ${t('port', { n: fPort })}`}
              </span>{' '}
              <code>{hex}</code>
            </li>
          ))}
        </ul>
      </details>
      {isAdopting.value ? (
        <AdoptForm device={device} onAdopted={onAdopted} onCancel={() => (isAdopting.value = false)} />
      ) : (
        <div class="buttons">
          <button
            type="button"
            class="utrecht-button utrecht-button--primary-action"
            aria-label={t('adoptOf', { name })}
            onClick={() => (isAdopting.value = true)}
          >
            {t('adopt')}
          </button>
          <PlaceLink to={{ tab: 'types', draft: id }} class="utrecht-button utrecht-button--secondary-action">
            {t('makeType')}
          </PlaceLink>
          {device.dismissed !== true && (
            <button
              type="button"
              class="utrecht-button utrecht-button--subtle"
              aria-label={t('dismissOf', { name })}
              onClick={() => void dismiss()}
            >
              {t('dismiss')}
            </button>
          )}
        </div>
      )}
      <ProblemNote problem={problem.value} />
    </article>
  );
}

function Heard({ device: { uplinks, source, firstSeenAt, lastSeenAt, rssi, snr } }: { device: UnknownDevice }) {
  const age = (at: string): string => formatAge(serverNow() - Date.parse(at));
  return (
    <p class="soft">
      {[
        t('heard', { n: uplinks, source }),
        t('span', { first: age(firstSeenAt), last: age(lastSeenAt) }),
        rssi !== null && t('signal', { rssi: formatNumber(rssi), snr: snr === null ? '–' : formatNumber(snr) }),
      ]
        .filter(Boolean)
        .join(' · ')}
    </p>
  );
}

/** What registering did: its secret, shown once, and what became of the messages it had sent. */
function AdoptedNote({ adopted, onDone }: { adopted: Adopted; onDone(): void }) {
  const { id, readings, frames, unread } = adopted;
  return (
    <SecretNote device={adopted} onDone={onDone}>
      <p>
        {t('adopted', { id, readings, frames })} {unread > 0 && t('unread', { n: unread })}
      </p>
      <PlaceLink to={{ tab: 'devices', device: id }}>{t('openDevice')}</PlaceLink>
    </SecretNote>
  );
}
