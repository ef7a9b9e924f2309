import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Problem, SensorTypeFiles, TypeVersionSummary } from '@ronde/contracts';
import { call } from '../../shared/rest.ts';
import { showToast } from '../../shared/ui/toast.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { CodeArea } from './code-area.tsx';
import { withVersion } from './next-version.ts';
import { t } from './text.ts';
import { TryPane } from './try-pane.tsx';

const FILES = ['sensorYaml', 'codecJs', 'examplesYaml', 'downlinksYaml'] as const;
const ROWS = { sensorYaml: 18, codecJs: 18, examplesYaml: 12, downlinksYaml: 8 } as const;

interface EditorProps {
  title: string;
  files: SensorTypeFiles;
  typeId: string;
  version: string;
  /** The type is not there yet: its id may be chosen. */
  isNew?: boolean;
  onClose(): void;
  onSaved(typeId: string): void;
}

/** The files of a type as text, what they make of frames, and a draft of them. */
export function Editor({ title, files: first, typeId: firstId, version: firstVersion, ...props }: EditorProps) {
  const files = useSignal<SensorTypeFiles>({ ...first, sensorYaml: withVersion(first.sensorYaml, firstVersion) });
  const typeId = useSignal(firstId);
  const version = useSignal(firstVersion);
  const note = useSignal('');
  const problem = useSignal<Problem | undefined>(undefined);
  const save = async (): Promise<void> => {
    const answer = await call<TypeVersionSummary>(`/v1/sensor-types/${typeId.value}/versions`, {
      method: 'POST',
      body: { version: version.value, files: files.value, ...(note.value && { note: note.value }) },
    });
    problem.value = answer.ok ? undefined : answer.problem;
    if (!answer.ok) return;
    showToast(t('saved', { version: version.value }));
    props.onSaved(typeId.value);
  };
  return (
    <article class="card editor" aria-labelledby="editor-title">
      <h3 id="editor-title">{title}</h3>
      <div class="editor__files">
        {FILES.map((name) => (
          <CodeArea
            key={name}
            label={t(`file_${name}`)}
            rows={ROWS[name]}
            value={files.value[name] ?? ''}
            onInput={(text) => (files.value = withFile(files.value, name, text))}
          />
        ))}
      </div>
      <TryPane files={files.value} />
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {props.isNew && (
          <Text label={t('fieldType')} value={typeId.value} onInput={(value) => (typeId.value = value)} />
        )}
        <Text
          label={t('fieldVersion')}
          value={version.value}
          onInput={(value) => {
            version.value = value;
            files.value = { ...files.value, sensorYaml: withVersion(files.value.sensorYaml, value) };
          }}
        />
        <Text label={t('fieldNote')} value={note.value} isOptional onInput={(value) => (note.value = value)} />
        <div class="form__wide">
          <ProblemNote problem={problem.value} />
        </div>
        <div class="buttons form__wide">
          <button type="submit" class="utrecht-button utrecht-button--primary-action">
            {t('save')}
          </button>
          <button type="button" class="utrecht-button utrecht-button--subtle" onClick={props.onClose}>
            {t('close')}
          </button>
        </div>
      </form>
    </article>
  );
}

interface TextProps {
  label: string;
  value: string;
  isOptional?: boolean;
  onInput(value: string): void;
}

function Text({ label, value, isOptional, onInput }: TextProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="utrecht-textbox"
        type="text"
        autocomplete="off"
        required={!isOptional}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}

/** A file without text is no file. */
function withFile(files: SensorTypeFiles, name: (typeof FILES)[number], text: string): SensorTypeFiles {
  const { [name]: _before, ...others } = files;
  return (text === '' && name !== 'sensorYaml' ? others : { ...others, [name]: text }) as SensorTypeFiles;
}
