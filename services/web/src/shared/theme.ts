import { computed, signal } from '@preact/signals';

/** Day, sun (pure black on white, large and heavy) and night. */
export const THEMES = ['dag', 'zon', 'nacht'] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = 'ronde.theme';
const chosen = signal<Theme | undefined>(undefined);
const prefersDark = signal(false);

/** The theme in force: the reader's choice, otherwise what the system prefers. */
export const theme = computed<Theme>(() => chosen.value ?? (prefersDark.value ? 'nacht' : 'dag'));

/** Follows the system's preference and the stored choice; keeps `<html data-theme>` true. */
export function startTheme(): void {
  const stored = localStorage.getItem(STORAGE_KEY);
  chosen.value = THEMES.find((name) => name === stored);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  prefersDark.value = dark.matches;
  dark.addEventListener('change', () => {
    prefersDark.value = dark.matches;
  });
  theme.subscribe((name) => {
    document.documentElement.dataset['theme'] = name;
  });
}

/** Switches to a theme and remembers it. */
function setTheme(name: Theme): void {
  chosen.value = name;
  localStorage.setItem(STORAGE_KEY, name);
}

/** Moves to the next theme: the one-tap switch. */
export function nextTheme(): void {
  setTheme(THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] as Theme);
}

/** Reads a colour of the theme in force, for canvases that cannot use CSS. */
export function tokenValue(name: `--${string}`): string {
  return fullHex(getComputedStyle(document.documentElement).getPropertyValue(name).trim());
}

/** Undoes what CSS minifiers do to colours: "#fff" → "#ffffff". */
function fullHex(colour: string): string {
  return /^#[0-9a-f]{3}$/i.test(colour) ? colour.replace(/[0-9a-f]/gi, '$&$&') : colour;
}
