import { useId } from 'preact/hooks';

interface FieldProps {
  name: string;
  label: string;
  type?: 'text' | 'number';
  value?: string | number | undefined;
  isRequired?: boolean;
  /** What may be filled in, beside the label. */
  hint?: string | undefined;
  min?: number | undefined;
  max?: number | undefined;
  step?: number | 'any';
  error?: string | undefined;
  pattern?: string;
}

/** One field of a form, with its label, hint and error read out together. */
export function Field({
  name,
  label,
  type = 'text',
  value,
  isRequired,
  hint,
  min,
  max,
  step,
  error,
  pattern,
}: FieldProps) {
  const id = useId();
  const noteIds = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const common = {
    id,
    class: 'utrecht-textbox',
    name,
    defaultValue: value,
    required: isRequired,
    autocomplete: 'off',
    'aria-describedby': noteIds || undefined,
    'aria-invalid': error ? true : undefined,
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === 'number' ? (
        <input {...common} type="number" inputMode="decimal" min={min ?? 0} max={max} step={step ?? 'any'} />
      ) : (
        <input {...common} type="text" spellcheck={false} pattern={pattern} title={pattern && hint} />
      )}
      {hint && (
        <span id={`${id}-hint`} class="small soft">
          {hint}
        </span>
      )}
      {error && (
        <span id={`${id}-error`} class="field__error" role="alert">
          {error}
        </span>
      )}
    </div>
  );
}

/** Reads a field as text without outer spaces; empty when it is not there. */
export const text = (form: Pick<FormData, 'get'>, name: string): string => String(form.get(name) ?? '').trim();

/** Reads a field as a number; undefined when it is empty. */
export function number(form: Pick<FormData, 'get'>, name: string): number | undefined {
  const given = text(form, name);
  return given === '' ? undefined : Number(given);
}
