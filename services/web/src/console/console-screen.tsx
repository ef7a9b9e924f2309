import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { language } from '../shared/i18n/language.ts';
import { LanguageSwitch, ThemeSwitch } from '../shared/ui/switches.tsx';
import { SkipLink } from '../shared/ui/skip-link.tsx';
import { Toasts } from '../shared/ui/toast.tsx';
import { DevicesTab } from './devices-tab.tsx';
import { LettersTab } from './letters-tab.tsx';
import { t } from './text.ts';
import { TrafficTab } from './traffic-tab.tsx';
import { TypesTab } from './types-tab.tsx';
import './console.css';

const TABS = [
  { id: 'letters', name: 'tabLetters', View: LettersTab },
  { id: 'traffic', name: 'tabTraffic', View: TrafficTab },
  { id: 'devices', name: 'tabDevices', View: DevicesTab },
  { id: 'types', name: 'tabTypes', View: TypesTab },
] as const;

const tabInAddress = (): string => new URLSearchParams(location.search).get('tab') ?? 'letters';
const tab = signal(tabInAddress());

/** The console of engineers: what could not be read, what comes in, and what sends it. */
export function ConsoleScreen() {
  useEffect(() => {
    const onBack = (): void => {
      tab.value = tabInAddress();
    };
    addEventListener('popstate', onBack);
    return () => removeEventListener('popstate', onBack);
  }, []);
  useEffect(() => {
    document.title = `${t('title')} · Ronde`;
  }, [language.value]);
  const shown = TABS.find(({ id }) => id === tab.value) ?? TABS[0];
  return (
    <div class="console">
      <SkipLink />
      <header class="console__bar">
        <h1>{t('title')}</h1>
        <nav aria-label={t('sections')}>
          {TABS.map(({ id, name }) => (
            <a
              key={id}
              class="utrecht-button utrecht-button--subtle"
              href={addressOf(id)}
              aria-current={id === shown.id ? 'page' : undefined}
              onClick={(event) => open(event, id)}
            >
              {t(name)}
            </a>
          ))}
        </nav>
        <div>
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </header>
      <main id="content" class="console__main" tabIndex={-1}>
        <shown.View />
      </main>
      <Toasts />
    </div>
  );
}

function addressOf(id: string): string {
  const search = new URLSearchParams(location.search);
  search.set('tab', id);
  return `?${search.toString()}`;
}

function open(event: MouseEvent, id: string): void {
  if (event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  history.pushState(null, '', addressOf(id));
  tab.value = id;
}
