import { useEffect } from 'preact/hooks';
import { language } from '../shared/i18n/language.ts';
import { LanguageSwitch, ThemeSwitch } from '../shared/ui/switches.tsx';
import { SkipLink } from '../shared/ui/skip-link.tsx';
import { Toasts } from '../shared/ui/toast.tsx';
import { followAddress, param } from './address.ts';
import { DevicesTab } from './devices-tab.tsx';
import { LettersTab } from './letters-tab.tsx';
import { PlaceLink } from './place-link.tsx';
import { ReplaysTab } from './replays/replays-tab.tsx';
import { t } from './text.ts';
import { TrafficTab } from './traffic-tab.tsx';
import { TypesTab } from './types/types-tab.tsx';
import { UnknownTab } from './unknown/unknown-tab.tsx';
import './console.css';

const TABS = [
  { id: 'letters', name: 'tabLetters', View: LettersTab },
  { id: 'traffic', name: 'tabTraffic', View: TrafficTab },
  { id: 'devices', name: 'tabDevices', View: DevicesTab },
  { id: 'unknown', name: 'tabUnknown', View: UnknownTab },
  { id: 'types', name: 'tabTypes', View: TypesTab },
  { id: 'replays', name: 'tabReplays', View: ReplaysTab },
] as const;

/** The console of engineers: what could not be read, what comes in, and what sends it. */
export function ConsoleScreen() {
  useEffect(followAddress, []);
  useEffect(() => {
    document.title = `${t('title')} · Ronde`;
  }, [language.value]);
  const shown = TABS.find(({ id }) => id === param('tab')) ?? TABS[0];
  useEffect(() => {
    document.querySelector('.console__bar nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [shown.id]);
  return (
    <div class="console">
      <SkipLink />
      <header class="console__bar">
        <h1>{t('title')}</h1>
        <nav aria-label={t('sections')}>
          {TABS.map(({ id, name }) => (
            <PlaceLink
              key={id}
              class="utrecht-button utrecht-button--subtle"
              to={{ tab: id }}
              isCurrent={id === shown.id}
            >
              {t(name)}
            </PlaceLink>
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
