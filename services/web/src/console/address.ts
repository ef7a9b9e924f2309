import { signal } from '@preact/signals';

/** Where in the console somebody is; the address carries all of it, so that a copied link shows a colleague the same. */
export type Place = Readonly<Record<string, string>>;

/** What every address keeps. */
const KEPT = 'lang';

const query = signal(new URLSearchParams(location.search));

/** Reads one part of the address; empty when it is not there. */
export const param = (name: string): string => query.value.get(name) ?? '';

/** Gives the address of a place; `from` adds to what is shown now instead of beginning anew. */
export function hrefOf(place: Place, from?: 'here'): string {
  const now = new URLSearchParams(location.search);
  const kept = now.get(KEPT);
  const next = from ? now : new URLSearchParams(kept ? { [KEPT]: kept } : {});
  for (const [name, value] of Object.entries(place)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return `?${next.toString()}`;
}

/** Goes to a place with an entry in the history, so that "back" works. */
export function open(href: string): void {
  if (href !== location.search) history.pushState(null, '', href);
  query.value = new URLSearchParams(href);
}

/** Changes parts of the address in place: filters and the like. */
export function adjust(place: Place): void {
  const href = hrefOf(place, 'here');
  history.replaceState(history.state, '', href);
  query.value = new URLSearchParams(href);
}

/** Follows "back" and "forward"; the answer stops it. */
export function followAddress(): () => void {
  const onBack = (): void => {
    query.value = new URLSearchParams(location.search);
  };
  onBack();
  addEventListener('popstate', onBack);
  return () => removeEventListener('popstate', onBack);
}
