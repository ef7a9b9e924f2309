import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { AdoptInput, Adopted, Problem, UnknownDevice } from '@ronde/contracts';
import { call } from '../../shared/rest.ts';
import { sensorTypes } from '../catalogue.ts';
import { Field, text } from '../field.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { t } from './text.ts';

interface AdoptFormProps {
  device: UnknownDevice;
  onAdopted(made: Adopted): void;
  onCancel(): void;
}

/** Registers an unknown device: its id, type and bin. */
export function AdoptForm({ device, onAdopted, onCancel }: AdoptFormProps) {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const adopt = async (form: FormData): Promise<void> => {
    isBusy.value = true;
    const answer = await call<Adopted>(`/v1/unknown-devices/${device.id}/adopt`, {
      method: 'POST',
      body: adoptInputOf(form),
    });
    isBusy.value = false;
    problem.value = answer.ok ? undefined : answer.problem;
    if (answer.ok) onAdopted(answer.value);
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void adopt(new FormData(event.currentTarget));
      }}
    >
      <Field name="deviceId" label={t('fieldId')} value={idFrom(device.name)} isRequired />
      <TypeChoice suggested={device.suggestedTypeIds} />
      <Field name="assetId" label={t('fieldAsset')} />
      <Field name="name" label={t('fieldName')} />
      <div class="form__wide">
        <ProblemNote problem={problem.value} />
      </div>
      <div class="buttons form__wide">
        <button type="submit" class="utrecht-button utrecht-button--primary-action" disabled={isBusy.value}>
          {t('adopt')}
        </button>
        <button type="button" class="utrecht-button utrecht-button--subtle" onClick={onCancel}>
          {t('cancel')}
        </button>
      </div>
    </form>
  );
}

function TypeChoice({ suggested }: { suggested: readonly string[] }) {
  const id = useId();
  const others = sensorTypes.value.filter((type) => !suggested.includes(type.id));
  return (
    <div class="field">
      <label for={id}>{t('fieldType')}</label>
      <select id={id} class="utrecht-textbox" name="typeId" required>
        {suggested.length > 0 && (
          <optgroup label={t('typeSuggested')}>
            {suggested.map((typeId) => (
              <option key={typeId} value={typeId}>
                {typeId}
              </option>
            ))}
          </optgroup>
        )}
        <optgroup label={t('typeOthers')}>
          {others.map((type) => (
            <option key={type.id} value={type.id}>
              {type.vendor} {type.model} ({type.id})
            </option>
          ))}
        </optgroup>
      </select>
    </div>
  );
}

/** Makes an id from a network's name: what an id cannot hold becomes a hyphen. */
export function idFrom(name: string): string {
  return name
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 64);
}

/** Reads the form; empty fields are left out. */
export function adoptInputOf(form: Pick<FormData, 'get'>): AdoptInput {
  const [assetId, name] = [text(form, 'assetId'), text(form, 'name')];
  return {
    deviceId: text(form, 'deviceId'),
    typeId: text(form, 'typeId'),
    ...(assetId && { assetId }),
    ...(name && { name }),
  };
}
