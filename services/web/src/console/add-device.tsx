import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Device, DeviceCreated, DeviceKeys, DeviceLabelFound, Problem } from '@ronde/contracts';
import { call } from '../shared/rest.ts';
import { sensorTypes } from './catalogue.ts';
import { deviceInputOf } from './device-input.ts';
import { Field } from './field.tsx';
import { ProblemNote } from './problem-note.tsx';
import { ScanLabel } from './scan-label.tsx';
import { SecretNote } from './secret-note.tsx';
import { t } from './text.ts';

/** A form for one device, by hand or from its label; the server checks, and the secret is shown once. */
export function AddDevice({ onAdded }: { onAdded(): void }) {
  const created = useSignal<DeviceCreated | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const scanned = useSignal<DeviceLabelFound | undefined>(undefined);
  const { label } = scanned.value ?? {};
  const submit = async (form: FormData): Promise<void> => {
    const answer = await call<DeviceCreated>('/v1/devices', { method: 'POST', body: deviceInputOf(form) });
    problem.value = answer.ok ? undefined : answer.problem;
    if (!answer.ok) return;
    created.value = answer.value;
    problem.value = await keepKeys(answer.value.id, keysOf(label));
    scanned.value = undefined;
    onAdded();
  };
  if (created.value) {
    return (
      <>
        <SecretNote device={created.value} onDone={() => (created.value = undefined)} />
        <ProblemNote problem={problem.value} />
      </>
    );
  }
  return (
    <div class="add">
      <ScanLabel onFound={(found) => (scanned.value = found)} />
      <form
        key={label?.devEui ?? label?.serialNumber ?? ''}
        class="form add__wide"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(new FormData(event.currentTarget));
        }}
      >
        <Field name="id" label={t('fieldId')} isRequired value={label?.devEui ?? label?.serialNumber} />
        <TypeField suggested={scanned.value?.suggestedTypeIds ?? []} />
        <Field name="devEui" label={t('fieldEui')} value={label?.devEui} />
        <Field name="joinEui" label={t('fieldJoinEui')} value={label?.joinEui} />
        <Field name="serialNumber" label={t('fieldSerial')} value={label?.serialNumber} />
        <Field name="assetId" label={t('fieldAsset')} />
        <Field name="emptyDistanceM" label={t('fieldEmpty')} type="number" />
        <Field name="fullDistanceM" label={t('fieldFull')} type="number" />
        {keysOf(label) && <p class="form__wide">{t('scanKeys')}</p>}
        <div class="form__wide">
          <ProblemNote problem={problem.value} />
        </div>
        <button type="submit" class="utrecht-button utrecht-button--primary-action">
          {t('add')}
        </button>
      </form>
    </div>
  );
}

function TypeField({ suggested }: { suggested: readonly string[] }) {
  const id = useId();
  const first = sensorTypes.value.filter((type) => suggested.includes(type.id));
  const others = sensorTypes.value.filter((type) => !suggested.includes(type.id));
  return (
    <div class="field">
      <label for={id}>{t('fieldType')}</label>
      <select id={id} class="utrecht-textbox" name="typeId" required>
        {[...first, ...others].map((type) => (
          <option key={type.id} value={type.id}>
            {type.vendor} {type.model} ({type.id})
          </option>
        ))}
      </select>
    </div>
  );
}

function keysOf(label: DeviceLabelFound['label'] | undefined): DeviceKeys | undefined {
  if (!label?.appKey && !label?.nwkKey) return undefined;
  return { ...(label.appKey && { appKey: label.appKey }), ...(label.nwkKey && { nwkKey: label.nwkKey }) };
}

/** Has the keys of the label kept, encrypted. */
async function keepKeys(id: string, keys: DeviceKeys | undefined): Promise<Problem | undefined> {
  if (!keys) return undefined;
  const answer = await call<Device>(`/v1/devices/${id}/keys`, { method: 'PUT', body: keys });
  return answer.ok ? undefined : answer.problem;
}
