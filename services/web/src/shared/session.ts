import { signal } from '@preact/signals';

export type App = 'ops' | 'crew' | 'console';

/** The bearer token of this screen; empty when nobody is signed in. */
export const token = signal('');

/**
 * Takes the token from a signed-in link (`#token=…`), keeps it for this screen and removes it from the address,
 * so that a copied link or a screenshot gives nothing away. Each screen has its own, since roles differ.
 */
export function startSession(app: App): void {
  const key = `ronde.token.${app}`;
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get('token');
  if (given) {
    localStorage.setItem(key, given);
    fragment.delete('token');
    const rest = fragment.toString();
    history.replaceState(history.state, '', location.pathname + location.search + (rest && `#${rest}`));
  }
  token.value = given ?? localStorage.getItem(key) ?? '';
}

/** Keeps a token that someone typed or pasted. */
export function signIn(app: App, given: string): void {
  localStorage.setItem(`ronde.token.${app}`, given);
  token.value = given;
}

/** Forgets the token of this screen. */
export function signOut(app: App): void {
  localStorage.removeItem(`ronde.token.${app}`);
  token.value = '';
}
