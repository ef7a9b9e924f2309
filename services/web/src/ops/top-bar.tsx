import { computed } from '@preact/signals';
import { AssetKind } from './asset-kinds.ts';
import { kindName } from '../shared/i18n/shared-text.ts';
import { ConnectionChip } from '../shared/ui/connection-chip.tsx';
import { Icon } from '../shared/ui/icon.tsx';
import { LanguageSwitch, ThemeSwitch } from '../shared/ui/switches.tsx';
import { areas, heardMs, link, openIncidents, retryLink } from './state.ts';
import { t } from './text.ts';
import { show, view } from './view.ts';

const alarmCount = computed(() => openIncidents.value.length);

/** The bar on top: which part of the city, search, alarms, connection, language and theme. */
export function TopBar({ onHelp }: { onHelp(): void }) {
  return (
    <header class="top-bar">
      <a class="top-bar__name" href="/">
        Ronde
      </a>
      <Choice
        label={t('area')}
        all={t('allAreas')}
        value={view.value.area}
        options={areas.value.map(({ id, name }) => [id, name])}
        onChoose={(area) => show({ area })}
      />
      <Choice
        label={t('kind')}
        all={t('allKinds')}
        value={view.value.kind}
        options={AssetKind.map((kind) => [kind, kindName(kind)])}
        onChoose={(kind) => show({ kind })}
      />
      <search class="top-bar__search">
        <Icon name="search" />
        <input
          id="search"
          class="utrecht-textbox"
          type="search"
          aria-label={t('search')}
          placeholder={`${t('searchHint')}  ( / )`}
          value={view.value.search}
          onInput={(event) => show({ search: event.currentTarget.value, tab: 'bins' })}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      </search>
      <div class="top-bar__end">
        <button
          type="button"
          class={`utrecht-button utrecht-button--subtle top-bar__alarms${alarmCount.value > 0 ? ' top-bar__alarms--some' : ''}`}
          aria-label={t('alarmsOpen', { n: alarmCount.value })}
          title={t('alarmsOpen', { n: alarmCount.value })}
          onClick={() => show({ tab: 'alarms', selected: '' })}
        >
          <Icon name="alarm" />
          <span class="numeric">{alarmCount}</span>
        </button>
        <ConnectionChip link={link} newestMs={heardMs} onRetry={retryLink} />
        <LanguageSwitch />
        <ThemeSwitch />
        <button
          type="button"
          class="utrecht-button utrecht-button--subtle top-bar__help"
          aria-label={t('shortcuts')}
          title={`${t('shortcuts')} ( ? )`}
          onClick={onHelp}
        >
          <Icon name="keyboard" />
        </button>
      </div>
    </header>
  );
}

interface ChoiceProps {
  label: string;
  all: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  onChoose(value: string): void;
}

function Choice({ label, all, value, options, onChoose }: ChoiceProps) {
  return (
    <select
      class="utrecht-textbox top-bar__choice"
      aria-label={label}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      <option value="">{all}</option>
      {options.map(([id, text]) => (
        <option key={id} value={id}>
          {text}
        </option>
      ))}
    </select>
  );
}
