import { language, setLanguage } from '../i18n/language.ts';
import { shared } from '../i18n/shared-text.ts';
import { nextTheme, theme } from '../theme.ts';
import { Icon } from './icon.tsx';

const THEME_KEYS = { dag: 'themeDag', zon: 'themeZon', nacht: 'themeNacht' } as const;

/** Switches between Dutch and English; its name is in the other language. */
export function LanguageSwitch() {
  const other = language.value === 'nl' ? 'en' : 'nl';
  return (
    <button
      type="button"
      class="utrecht-button utrecht-button--subtle"
      lang={other}
      aria-label={`${other.toUpperCase()}: ${shared('languageSwitch')}`}
      title={shared('languageSwitch')}
      onClick={() => setLanguage(other)}
    >
      {other.toUpperCase()}
    </button>
  );
}

/** One tap to the next theme: day, sun, night. */
export function ThemeSwitch() {
  const name = shared('themeSwitch', { theme: shared(THEME_KEYS[theme.value]) });
  return (
    <button
      type="button"
      class="utrecht-button utrecht-button--subtle"
      aria-label={name}
      title={name}
      onClick={nextTheme}
    >
      <Icon name="sun" />
    </button>
  );
}
