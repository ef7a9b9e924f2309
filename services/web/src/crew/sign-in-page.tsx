import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { shared } from '../shared/i18n/shared-text.ts';
import { signIn } from '../shared/session.ts';
import { LanguageSwitch, ThemeSwitch } from '../shared/ui/switches.tsx';
import { t } from './text.ts';
import './crew.css';

/** Says how a tablet gets its round: by a link that is opened once. */
export function SignInPage() {
  const typed = useSignal('');
  const fieldId = useId();
  return (
    <main class="page" id="content">
      <div class="crew__switches">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
      <h1>{t('signInTitle')}</h1>
      <p>{t('signInSteps')}</p>
      <p>{t('signInMaker')}</p>
      <form
        class="page__form"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.value.trim()) signIn('crew', typed.value.trim());
        }}
      >
        <label for={fieldId}>{t('signInPaste')}</label>
        <input
          id={fieldId}
          class="utrecht-textbox"
          type="password"
          autocomplete="current-password"
          required
          value={typed.value}
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
        <button type="submit" class="utrecht-button utrecht-button--primary-action choice">
          {shared('signInAction')}
        </button>
      </form>
    </main>
  );
}
