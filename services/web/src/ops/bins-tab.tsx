import { formatAge } from '../shared/i18n/format.ts';
import { kindName } from '../shared/i18n/shared-text.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { useTick } from '../shared/ui/connection-chip.tsx';
import { FillBadge } from '../shared/ui/fill-badge.tsx';
import { VirtualTable, type Column } from '../shared/ui/virtual-table.tsx';
import { LoadFault } from './load-fault.tsx';
import { activate, active } from './selection.ts';
import { areaName, assets, assetsStatus, bins, loadAssets, mapView, sort } from './state.ts';
import { t } from './text.ts';
import { clearFilters, isFiltered, show, view } from './view.ts';

const ROW_PX = 56;
const AGE_TICK_MS = 5_000;

/** The list twin of the map: the same bins, filters and selection. */
export function BinsTab() {
  const { order, total, withoutPlace } = bins.value;
  const status = assetsStatus.value;
  const filtered = isFiltered(view.value);
  if (typeof status === 'object') return <LoadFault problem={status} onRetry={() => void loadAssets()} />;
  if (status === 'loading' && total === 0) return <SkeletonRows />;
  return (
    <div class="bins">
      <div class="bins__tools small">
        <span class="numeric" role="status">
          {order.length === 0 ? t('nothingShown', { total }) : t('shown', { shown: order.length, total })}
        </span>
        {mapView.value && (
          <label class="check">
            <input
              type="checkbox"
              checked={view.value.isInViewOnly}
              onChange={(event) => show({ isInViewOnly: event.currentTarget.checked })}
            />
            {t('inView')}
          </label>
        )}
        {filtered && (
          <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={clearFilters}>
            {t('clearFilters')}
          </button>
        )}
      </div>
      {withoutPlace > 0 && <p class="bins__note small">{t('toFix', { n: withoutPlace })}</p>}
      <BinTable order={order} />
    </div>
  );
}

function BinTable({ order }: { order: Uint32Array }) {
  const activeIndex = assets.indexOf(active.value.bins);
  const columns: Column[] = [
    { key: 'fill', title: t('colFill'), width: '6rem', isSortable: true },
    { key: 'name', title: t('colName'), width: 'minmax(0, 1fr)', isSortable: true },
    { key: 'age', title: t('colAge'), width: '7.5rem', isSortable: true },
  ];
  const idAt = (position: number): string => assets.asset(order[position] as number).id;
  return (
    <VirtualTable
      label={t('binsTable')}
      columns={columns}
      count={order.length}
      rowHeightPx={ROW_PX}
      keyOf={idAt}
      cells={(position) => cellsOf(order[position] as number)}
      active={activeIndex === undefined ? -1 : order.indexOf(activeIndex)}
      onActive={(position) => activate('bins', idAt(position))}
      onOpen={(position) => show({ selected: idAt(position) })}
      sort={sort.value}
      onSort={(key) => {
        const isSame = sort.value.key === key;
        sort.value = { key, isDescending: isSame ? !sort.value.isDescending : key !== 'name' };
      }}
    />
  );
}

function cellsOf(index: number) {
  return [
    <LiveFill key="fill" index={index} />,
    <BinName key="name" index={index} />,
    <LiveAge key="age" index={index} />,
  ];
}

// Each live cell follows its own row, so that a change draws one cell and not the table.
function LiveFill({ index }: { index: number }) {
  void assets.watch(index).value;
  const { fill, silent } = assets.row(index);
  return <FillBadge fill={fill} isStale={silent} />;
}

function BinName({ index }: { index: number }) {
  const { name, kind, areaId } = assets.asset(index);
  const where = areaName(areaId);
  return (
    <span class="bins__name">
      <span class="bins__title" title={name}>
        {name}
      </span>
      <span class="small soft">{where ? `${where} · ${kindName(kind)}` : kindName(kind)}</span>
    </span>
  );
}

function LiveAge({ index }: { index: number }) {
  const tick = useTick(AGE_TICK_MS);
  void tick.value;
  void assets.watch(index).value;
  const { atMs } = assets.row(index);
  return <span class="small soft">{atMs === null ? t('never') : formatAge(serverNow() - atMs)}</span>;
}

function SkeletonRows() {
  return (
    <div class="bins__skeleton" role="status" aria-label={t('loading')}>
      {Array.from({ length: 10 }, (_, row) => (
        <div key={row} class="skeleton" />
      ))}
    </div>
  );
}
