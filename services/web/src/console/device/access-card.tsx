import { useSignal } from '@preact/signals';
import type { Device, DeviceCreated, DeviceKeys, Problem } from '@ronde/contracts';
import { call } from '../../shared/rest.ts';
import { showToast } from '../../shared/ui/toast.tsx';
import { Dialog } from '../../shared/ui/dialog.tsx';
import { Field, text } from '../field.tsx';
import { PlainButton } from '../plain-button.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { SecretNote } from '../secret-note.tsx';
import { t } from './text.ts';

type Asked = 'keys' | 'forget' | 'secret';

/** How a device gets in: its LoRaWAN keys, which are written and never shown, and its secret, which can be renewed. */
export function AccessCard({ device, onChanged }: { device: Device; onChanged(): void }) {
  const asked = useSignal<Asked | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const renewed = useSignal<DeviceCreated | undefined>(undefined);
  const { id, hasKeys } = device;
  const ask = (what: Asked | undefined): void => {
    problem.value = undefined;
    asked.value = asked.value === what ? undefined : what;
  };
  const putKeys = async (keys: DeviceKeys, said: string): Promise<void> => {
    const answer = await call<Device>(`/v1/devices/${id}/keys`, { method: 'PUT', body: keys });
    problem.value = answer.ok ? undefined : answer.problem;
    if (!answer.ok) return;
    asked.value = undefined;
    showToast(said);
    onChanged();
  };
  const renew = async (): Promise<void> => {
    asked.value = undefined;
    const answer = await call<DeviceCreated>(`/v1/devices/${id}/secret`, { method: 'POST' });
    problem.value = answer.ok ? undefined : answer.problem;
    renewed.value = answer.ok ? answer.value : undefined;
  };
  return (
    <article class="card" aria-labelledby="access-title">
      <h3 id="access-title">{t('access')}</h3>
      <p>
        {t('keys')}: {hasKeys ? t('keysKept') : t('keysNone')}. {t('keysHidden')}
      </p>
      <div class="buttons">
        <PlainButton
          label={t(hasKeys ? 'keysReplace' : 'keysAdd')}
          isOpen={asked.value === 'keys'}
          onPress={() => ask('keys')}
        />
        {hasKeys && <PlainButton label={t('keysForget')} onPress={() => ask('forget')} />}
        <PlainButton label={t('secretRenew')} onPress={() => ask('secret')} />
      </div>
      {asked.value === 'keys' && (
        <KeysForm onSend={(keys) => void putKeys(keys, t('keysSaved', { id }))} onCancel={() => ask(undefined)} />
      )}
      {asked.value === 'forget' && (
        <Sure
          title={t('keysForget')}
          words={t('keysForgetSure', { id })}
          onYes={() => void putKeys({}, t('keysForgotten', { id }))}
          onNo={() => ask(undefined)}
        />
      )}
      {asked.value === 'secret' && (
        <Sure
          title={t('secretRenew')}
          words={t('secretRenewSure', { id })}
          onYes={() => void renew()}
          onNo={() => ask(undefined)}
        />
      )}
      {renewed.value && <SecretNote device={renewed.value} onDone={() => (renewed.value = undefined)} />}
      <ProblemNote problem={problem.value} />
    </article>
  );
}

function Sure({ title, words, onYes, onNo }: { title: string; words: string; onYes(): void; onNo(): void }) {
  return (
    <Dialog title={title} onClose={onNo}>
      <p>{words}</p>
      <div class="buttons access__sure">
        <button type="button" class="utrecht-button utrecht-button--primary-action" onClick={onYes}>
          {title}
        </button>
        <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={onNo}>
          {t('cancel')}
        </button>
      </div>
    </Dialog>
  );
}

/** Both keys at once: what is kept is replaced as a whole, since it cannot be shown to add to it. */
function KeysForm({ onSend, onCancel }: { onSend(keys: DeviceKeys): void; onCancel(): void }) {
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(keysOf(new FormData(event.currentTarget)));
      }}
    >
      <Field name="appKey" label={t('appKey')} hint={t('keyHint')} pattern={KEY_PATTERN} isRequired />
      <Field name="nwkKey" label={t('nwkKey')} hint={t('nwkKeyHint')} pattern={KEY_PATTERN} />
      <div class="buttons form__wide">
        <button type="submit" class="utrecht-button utrecht-button--primary-action">
          {t('keysSave')}
        </button>
        <button type="button" class="utrecht-button utrecht-button--subtle" onClick={onCancel}>
          {t('cancel')}
        </button>
      </div>
    </form>
  );
}

/** 32 hexadecimal digits, spaced as on a label or not. */
const KEY_PATTERN = '\\s*([0-9A-Fa-f][\\s:\\-]*){32}';

/** Reads keys as they stand on a label: any case, with or without spaces, colons or dashes. */
export function keysOf(form: Pick<FormData, 'get'>): DeviceKeys {
  const key = (name: string): string =>
    text(form, name)
      .replaceAll(/[\s:-]/g, '')
      .toLowerCase();
  const [appKey, nwkKey] = [key('appKey'), key('nwkKey')];
  return { ...(appKey && { appKey }), ...(nwkKey && { nwkKey }) };
}
