import type { ComponentChildren } from 'preact';
import { showToast } from '../shared/ui/toast.tsx';
import { t } from './text.ts';

interface SecretNoteProps {
  device: { id: string; secret: string; warnings?: string[] | undefined };
  onDone(): void;
  children?: ComponentChildren;
}

/** The secret of a new device, shown this once, with what else deserves a look. */
export function SecretNote({ device, onDone, children }: SecretNoteProps) {
  return (
    <div class="utrecht-alert utrecht-alert--warning secret" role="alert">
      <h3>{t('secretTitle', { id: device.id })}</h3>
      <p>{t('secretText')}</p>
      <pre tabIndex={0} aria-label={t('secretTitle', { id: device.id })}>
        {device.secret}
      </pre>
      <button
        type="button"
        class="utrecht-button utrecht-button--secondary-action"
        onClick={() => {
          void navigator.clipboard.writeText(device.secret).then(() => showToast(t('copied')));
        }}
      >
        {t('secretCopy')}
      </button>
      {device.warnings?.map((warning) => (
        <p key={warning} lang="en">
          {warning}
        </p>
      ))}
      {children}
      <button type="button" class="utrecht-button utrecht-button--primary-action" onClick={onDone}>
        {t('secretDone')}
      </button>
    </div>
  );
}
