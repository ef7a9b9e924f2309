import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { DeviceCreated, DeviceInput, Problem } from '@ronde/contracts';
import { call } from '../shared/rest.ts';
import { sensorTypes } from './catalogue.ts';
import { SecretNote } from './secret-note.tsx';
import { t } from './text.ts';

const FIELDS = [
  { name: 'id', label: 'fieldId', isRequired: true },
  { name: 'devEui', label: 'fieldEui' },
  { name: 'assetId', label: 'fieldAsset' },
  { name: 'emptyDistanceM', label: 'fieldEmpty', isNumber: true },
  { name: 'fullDistanceM', label: 'fieldFull', isNumber: true },
] as const;

/** A form for one device; the server checks, and its faults stand at the form. The secret is shown once. */
export function AddDevice({ onAdded }: { onAdded(): void }) {
  const created = useSignal<DeviceCreated | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const answer = await call<DeviceCreated>('/v1/devices', { method: 'POST', body: inputOf(new FormData(form)) });
    problem.value = answer.ok ? undefined : answer.problem;
    if (!answer.ok) return;
    created.value = answer.value;
    form.reset();
    onAdded();
  };
  if (created.value) return <SecretNote device={created.value} onDone={() => (created.value = undefined)} />;
  return (
    <form
      class="add"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      {FIELDS.map((field) => (
        <Field key={field.name} field={field} />
      ))}
      <TypeField />
      {problem.value && (
        <div class="utrecht-alert utrecht-alert--error add__wide" role="alert">
          <p>{problem.value.detail}</p>
          <ul>
            {(problem.value.errors ?? []).map(({ field, message }) => (
              <li key={field}>
                <code>{field}</code>: {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <button type="submit" class="utrecht-button utrecht-button--primary-action">
        {t('add')}
      </button>
    </form>
  );
}

function Field({ field }: { field: (typeof FIELDS)[number] }) {
  const id = useId();
  const shared = {
    id,
    class: 'utrecht-textbox',
    name: field.name,
    required: 'isRequired' in field,
    autocomplete: 'off',
  };
  return (
    <label for={id}>
      {t(field.label)}
      {'isNumber' in field ? (
        <input {...shared} type="number" step="0.01" min="0" />
      ) : (
        <input {...shared} type="text" />
      )}
    </label>
  );
}

function TypeField() {
  const id = useId();
  return (
    <label for={id}>
      {t('fieldType')}
      <select id={id} class="utrecht-textbox" name="typeId" required>
        {sensorTypes.value.map((type) => (
          <option key={type.id} value={type.id}>
            {type.vendor} {type.model} ({type.id})
          </option>
        ))}
      </select>
    </label>
  );
}

/** Reads the form; empty fields are left out. */
export function inputOf(form: Pick<FormData, 'get'>): DeviceInput {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const [devEui, assetId] = [text('devEui').toLowerCase(), text('assetId')];
  const [emptyDistance, fullDistance] = [text('emptyDistanceM'), text('fullDistanceM')];
  return {
    id: text('id'),
    typeId: text('typeId'),
    ...(devEui && { externalIds: { devEui } }),
    ...(assetId && { assetId }),
    ...(emptyDistance && {
      mounting: { emptyDistanceM: Number(emptyDistance), fullDistanceM: Number(fullDistance || 0) },
    }),
  };
}
