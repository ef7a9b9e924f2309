import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { shared } from '../i18n/shared-text.ts';
import { signIn, type App } from '../session.ts';
import './sign-in.css';

/** Asks for a token when the screen was opened without a signed-in link, or the token was refused. */
export function SignIn({ app, wasRefused = false }: { app: App; wasRefused?: boolean }) {
  const typed = useSignal('');
  const fieldId = useId();
  return (
    <main id="content" class="sign-in">
      <h1>{shared('signInTitle')}</h1>
      {wasRefused && (
        <p class="utrecht-alert utrecht-alert--error" role="alert">
          {shared('signInRefused')}
        </p>
      )}
      <p>{shared('signInText')}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.value.trim()) signIn(app, typed.value.trim());
        }}
      >
        <label for={fieldId}>{shared('signInToken')}</label>
        <input
          id={fieldId}
          class="utrecht-textbox"
          type="password"
          autocomplete="current-password"
          required
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="utrecht-button utrecht-button--primary-action">
          {shared('signInAction')}
        </button>
      </form>
    </main>
  );
}
