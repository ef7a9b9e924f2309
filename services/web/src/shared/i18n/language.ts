import { signal } from '@preact/signals';

const LANGUAGES = ['nl', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language of every text on the screen; Dutch unless the reader chose otherwise. */
export const language = signal<Language>('nl');

const STORAGE_KEY = 'ronde.language';

/** Chooses a language: the URL first, then the earlier choice, then the browser's list; Dutch when none fits. */
export function chooseLanguage(from: {
  search: string;
  stored: string | null;
  preferred: readonly string[];
}): Language {
  const wanted = [
    new URLSearchParams(from.search).get('lang'),
    from.stored,
    ...from.preferred.map((tag) => tag.slice(0, 2)),
  ];
  return wanted.find((tag): tag is Language => LANGUAGES.includes(tag as Language)) ?? 'nl';
}

/** Sets the language of this page from URL, storage and browser, and keeps `<html lang>` true. */
export function startLanguage(): void {
  language.value = chooseLanguage({
    search: location.search,
    stored: localStorage.getItem(STORAGE_KEY),
    preferred: navigator.languages,
  });
  language.subscribe((chosen) => {
    document.documentElement.lang = chosen;
  });
}

/** Switches the language, remembers it, and puts it in the URL so that a copied link keeps it. */
export function setLanguage(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem(STORAGE_KEY, chosen);
  const url = new URL(location.href);
  url.searchParams.set('lang', chosen);
  history.replaceState(history.state, '', url);
}
