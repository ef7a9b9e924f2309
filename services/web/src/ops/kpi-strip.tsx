import { computed } from '@preact/signals';
import { formatDistance, formatNumber, formatPercent } from '../shared/i18n/format.ts';
import { Icon, type IconName } from '../shared/ui/icon.tsx';
import { activeRounds, bins, kpis } from './state.ts';
import { t } from './text.ts';
import { show, view } from './view.ts';

// Until the server's figures come, the stops of the rounds that are here.
const stops = computed(() => {
  const all = activeRounds.value.flatMap((round) => round.stops);
  return { done: all.filter(({ status }) => status === 'done').length, planned: all.length };
});
const distanceM = computed(() => activeRounds.value.reduce((sum, round) => sum + round.distanceM, 0));

/** Five numbers; pressing one shows what it counts. */
export function KpiStrip() {
  const [list, figures, current] = [bins.value, kpis.value, view.value];
  const isFullShown = current.bands.length === 1 && current.bands[0] === 'full';
  const isSoonShown = current.bands.join() === 'high,full';
  const soon = figures?.overflowSoon ?? null;
  return (
    <div class="kpis" role="group" aria-label={t('kpiStrip')}>
      <Kpi
        icon="bin"
        name={t('kpiFull')}
        value={formatNumber(list.full)}
        note={t('kpiFullNote', { total: list.total })}
        isOn={isFullShown}
        onPress={() => show({ bands: isFullShown ? [] : ['full'], tab: 'bins', selected: '' })}
      />
      <Kpi
        icon="clock"
        name={t('kpiSoon')}
        value={soon === null ? '–' : formatNumber(soon)}
        note={soon === null ? t('kpiUnknown') : t('kpiSoonNote')}
        isOn={isSoonShown}
        onPress={() => show({ bands: isSoonShown ? [] : ['high', 'full'], tab: 'bins', selected: '' })}
      />
      <Kpi
        icon="silent"
        name={t('kpiSilent')}
        value={formatNumber(list.silent)}
        note={t('kpiSilentNote', { share: formatPercent(list.total === 0 ? 0 : list.silent / list.total) })}
        isOn={current.isSilentOnly}
        onPress={() => show({ isSilentOnly: !current.isSilentOnly, tab: 'bins', selected: '' })}
      />
      <Kpi
        icon="check"
        name={t('kpiStops')}
        value={formatNumber(figures?.stopsDone ?? stops.value.done)}
        note={t('kpiStopsNote', { planned: figures?.stopsPlanned ?? stops.value.planned })}
        isOn={current.tab === 'rounds'}
        onPress={() => show({ tab: 'rounds', selected: '' })}
      />
      <Kpi
        icon="round"
        name={t('kpiDistance')}
        value={formatDistance(figures?.distanceM ?? distanceM.value)}
        note={t('kpiDistanceNote', { n: activeRounds.value.length })}
        isOn={false}
        onPress={() => show({ tab: 'rounds', selected: '' })}
      />
    </div>
  );
}

interface KpiProps {
  icon: IconName;
  name: string;
  value: string;
  note: string;
  isOn: boolean;
  onPress(): void;
}

function Kpi({ icon, name, value, note, isOn, onPress }: KpiProps) {
  return (
    <button type="button" class="kpis__kpi" aria-pressed={isOn} onClick={onPress}>
      <span class="kpis__name">
        <Icon name={icon} size={20} />
        {name}
      </span>
      <strong class="kpis__value numeric">{value}</strong>
      <span class="kpis__note small soft">{note}</span>
    </button>
  );
}
