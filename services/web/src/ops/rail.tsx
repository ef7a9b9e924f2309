import { formatNumber } from '../shared/i18n/format.ts';
import { AlarmsTab } from './alarms-tab.tsx';
import { BinsTab } from './bins-tab.tsx';
import { RoundsTab } from './rounds-tab.tsx';
import { activeRounds, bins, openIncidents } from './state.ts';
import { t } from './text.ts';
import { show, TABS, view, type Tab } from './view.ts';

const TITLES = { alarms: 'tabAlarms', bins: 'tabBins', rounds: 'tabRounds' } as const;

/** The lists on the right: alarms, bins, rounds. */
export function Rail() {
  const { tab } = view.value;
  return (
    <div class="rail">
      <div class="rail__tabs" role="tablist" aria-label={t('railTabs')} onKeyDown={moveFocus}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            class="rail__tab"
            aria-selected={tab === name}
            aria-controls="rail-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => show({ tab: name })}
          >
            {t(TITLES[name])}
            <span class="rail__count numeric">{formatNumber(countOf(name))}</span>
          </button>
        ))}
      </div>
      <div id="rail-panel" class="rail__panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'alarms' && <AlarmsTab />}
        {tab === 'bins' && <BinsTab />}
        {tab === 'rounds' && <RoundsTab />}
      </div>
    </div>
  );
}

function countOf(tab: Tab): number {
  if (tab === 'alarms') return openIncidents.value.length;
  return tab === 'bins' ? bins.value.order.length : activeRounds.value.length;
}

function moveFocus(event: KeyboardEvent): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined) return;
  const next = TABS[(TABS.indexOf(view.value.tab) + by + TABS.length) % TABS.length] as Tab;
  show({ tab: next });
  document.getElementById(`tab-${next}`)?.focus();
}
