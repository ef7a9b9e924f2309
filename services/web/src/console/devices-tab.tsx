import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Device, DeviceHealth } from '@ronde/contracts';
import { formatAge, formatNumber } from '../shared/i18n/format.ts';
import { healthName, issueName } from '../shared/i18n/issue-text.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { VirtualTable, type Column } from '../shared/ui/virtual-table.tsx';
import { AddDevice } from './add-device.tsx';
import { adjust, hrefOf, open, param } from './address.ts';
import { BulkBar, chosen, choose } from './bulk-bar.tsx';
import { devices, devicesState, healths, loadDevices, loadHealths, loadTypes } from './catalogue.ts';
import { DevicePage } from './device/device-page.tsx';
import { STATUSES, statusName } from './device/text.ts';
import { findDevices } from './find-devices.ts';
import { ImportPage } from './imports/import-page.tsx';
import { LoadNote } from './load-state.tsx';
import { t } from './text.ts';
import { useIsNarrow } from './use-is-narrow.ts';

const ROW_PX = 56;
const HEALTHS = ['bad', 'attention', 'ok', 'unknown'] as const satisfies readonly DeviceHealth['status'][];

/** One device or import when the address names it; else devices by search, and a form for one more. */
export function DevicesTab() {
  const id = param('device');
  if (param('import')) return <ImportPage />;
  return id ? <DevicePage key={id} id={id} /> : <DeviceList />;
}

function DeviceList() {
  const active = useSignal(-1);
  const isNarrow = useIsNarrow();
  const isAdding = param('add') !== '';
  const load = (): void => void Promise.all([loadDevices(), loadHealths()]);
  useEffect(() => {
    load();
    void loadTypes();
  }, []);
  const found = findDevices(devices.value, {
    text: param('q'),
    status: param('status'),
    health: param('health'),
    healths: healths.value,
  });
  const columns = COLUMNS.filter(({ isWide }) => !isNarrow || !isWide);
  return (
    <section class={isAdding ? '' : 'fill'} aria-labelledby="devices-title">
      <h2 id="devices-title">{t('devicesTitle')}</h2>
      <LoadNote state={devicesState.value} onRetry={load} />
      <Tools shown={found.length} isAdding={isAdding} />
      {isAdding && <AddDevice onAdded={load} />}
      <BulkBar found={found} onChanged={load} />
      {devicesState.value === 'ready' && found.length === 0 && (
        <p role="status">
          {devices.value.length === 0 ? t('devicesNone') : t('devicesNoMatch', { total: devices.value.length })}
        </p>
      )}
      {found.length > 0 && (
        <VirtualTable
          label={t('devicesTitle')}
          columns={columns.map(({ key, title, width }) => ({ key, title: t(title), width }))}
          count={found.length}
          rowHeightPx={ROW_PX}
          keyOf={(position) => found[position]?.id ?? ''}
          cells={(position) => {
            const device = found[position] as Device;
            return columns.map(({ cell }) => cell(device, healths.value.get(device.id)));
          }}
          active={active.value}
          onActive={(position) => (active.value = position)}
          onOpen={(position) => open(hrefOf({ device: found[position]?.id ?? '' }, 'here'))}
          onToggle={(position) => choose(found[position]?.id ?? '')}
        />
      )}
    </section>
  );
}

interface DeviceColumn extends Omit<Column, 'title'> {
  title: Parameters<typeof t>[0] & `col${string}`;
  /** Left out where there is no room for it. */
  isWide?: boolean;
  cell(device: Device, health: DeviceHealth | undefined): preact.ComponentChild;
}

const COLUMNS: readonly DeviceColumn[] = [
  { key: 'pick', title: 'colPick', width: '3rem', cell: ({ id }) => <Pick key="pick" id={id} /> },
  {
    key: 'id',
    title: 'colId',
    width: 'minmax(8rem, 1.4fr)',
    cell: (device) => <NameCell key="id" device={device} />,
  },
  {
    key: 'health',
    title: 'colHealth',
    width: 'minmax(7rem, 1.2fr)',
    cell: (_device, health) => <HealthCell key="health" health={health} />,
  },
  { key: 'status', title: 'colStatus', width: '7.5rem', isWide: true, cell: ({ status }) => statusName(status) },
  { key: 'type', title: 'colType', width: 'minmax(8rem, 1fr)', isWide: true, cell: ({ typeId }) => typeId },
  {
    key: 'asset',
    title: 'colAsset',
    width: 'minmax(6rem, 0.8fr)',
    isWide: true,
    cell: ({ assetId, chamber }) => (assetId === undefined ? '–' : [assetId, chamber].filter(Boolean).join(' / ')),
  },
  {
    key: 'seen',
    title: 'colSeen',
    width: '8.5rem',
    isWide: true,
    cell: (_device, health) => (health?.lastSeenAt ? formatAge(serverNow() - Date.parse(health.lastSeenAt)) : '–'),
  },
];

function NameCell({ device: { id, name } }: { device: Device }) {
  return (
    <span class="two-lines">
      <span>{id}</span>
      {name && <span class="small soft">{name}</span>}
    </span>
  );
}

function HealthCell({ health }: { health: DeviceHealth | undefined }) {
  const status = health?.status ?? 'unknown';
  const words =
    health && health.issues.length > 0 ? health.issues.map(({ kind }) => issueName(kind)).join(', ') : undefined;
  return (
    <span class={`health health--${status}`} title={words}>
      {words ?? healthName(status)}
    </span>
  );
}

/** A tick box in a row; the row itself opens the device. */
function Pick({ id }: { id: string }) {
  return (
    <label class="pick" onClick={(event) => event.stopPropagation()}>
      <input type="checkbox" tabIndex={-1} checked={chosen.value.has(id)} onChange={() => choose(id)} />
      <span class="visually-hidden">{t('pick', { id })}</span>
    </label>
  );
}

function Tools({ shown, isAdding }: { shown: number; isAdding: boolean }) {
  return (
    <div class="tools">
      <label>
        {t('search')}
        <input
          class="utrecht-textbox"
          type="search"
          value={param('q')}
          onInput={(event) => adjust({ q: event.currentTarget.value })}
        />
      </label>
      <Choice name="status" label={t('colStatus')} options={STATUSES.map((one) => [one, statusName(one)])} />
      <Choice name="health" label={t('colHealth')} options={HEALTHS.map((one) => [one, healthName(one)])} />
      <span role="status" class="numeric">
        {t('devicesShown', { shown: formatNumber(shown), total: formatNumber(devices.value.length) })}
      </span>
      <button
        type="button"
        class="utrecht-button utrecht-button--primary-action"
        aria-expanded={isAdding}
        onClick={() => adjust({ add: isAdding ? '' : '1' })}
      >
        {t('addDevice')}
      </button>
      <button
        type="button"
        class="utrecht-button utrecht-button--secondary-action"
        onClick={() => open(hrefOf({ tab: 'devices', import: 'new' }))}
      >
        {t('importMany')}
      </button>
    </div>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  options: readonly (readonly [string, string])[];
}

function Choice({ name, label, options }: ChoiceProps) {
  return (
    <label class="tools__choice">
      {label}
      <select
        class="utrecht-textbox"
        value={param(name)}
        onChange={(event) => adjust({ [name]: event.currentTarget.value })}
      >
        <option value="">{t('choiceAll')}</option>
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
