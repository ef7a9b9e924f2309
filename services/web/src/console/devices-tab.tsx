import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Device } from '@ronde/contracts';
import { formatDay, formatNumber } from '../shared/i18n/format.ts';
import { VirtualTable } from '../shared/ui/virtual-table.tsx';
import { AddDevice } from './add-device.tsx';
import { devices, devicesState, loadDevices, loadTypes } from './catalogue.ts';
import { LoadNote } from './load-state.tsx';
import { t } from './text.ts';

const ROW_PX = 48;

/** Devices by search, and a form for one more. */
export function DevicesTab() {
  const search = useSignal('');
  const active = useSignal(-1);
  const isAdding = useSignal(false);
  useEffect(() => void Promise.all([loadDevices(), loadTypes()]), []);
  const found = findDevices(devices.value, search.value);
  const isReady = devicesState.value === 'ready';
  return (
    <section class="fill" aria-labelledby="devices-title">
      <h2 id="devices-title">{t('devicesTitle')}</h2>
      <LoadNote state={devicesState.value} onRetry={() => void loadDevices()} />
      <div class="tools">
        <label>
          {t('search')}
          <input
            class="utrecht-textbox"
            type="search"
            value={search.value}
            onInput={(event) => (search.value = event.currentTarget.value)}
          />
        </label>
        <span role="status" class="numeric">
          {t('devicesShown', { shown: formatNumber(found.length), total: formatNumber(devices.value.length) })}
        </span>
        <button
          type="button"
          class="utrecht-button utrecht-button--primary-action"
          aria-expanded={isAdding.value}
          onClick={() => (isAdding.value = !isAdding.value)}
        >
          {t('addDevice')}
        </button>
      </div>
      {isAdding.value && <AddDevice onAdded={() => void loadDevices()} />}
      {isReady && devices.value.length === 0 && <p role="status">{t('devicesNone')}</p>}
      {found.length > 0 && (
        <VirtualTable
          label={t('devicesTitle')}
          columns={[
            { key: 'id', title: t('colId'), width: 'minmax(10rem, 1.2fr)' },
            { key: 'type', title: t('colType'), width: 'minmax(9rem, 1fr)' },
            { key: 'asset', title: t('colAsset'), width: 'minmax(8rem, 1fr)' },
            { key: 'eui', title: t('colEui'), width: 'minmax(10rem, 1fr)' },
            { key: 'made', title: t('colMade'), width: '8rem' },
          ]}
          count={found.length}
          rowHeightPx={ROW_PX}
          keyOf={(position) => found[position]?.id ?? ''}
          cells={(position) => cellsOf(found[position] as Device)}
          active={active.value}
          onActive={(position) => (active.value = position)}
          onOpen={() => undefined}
        />
      )}
    </section>
  );
}

function cellsOf({ id, name, typeId, assetId, chamber, externalIds, createdAt }: Device) {
  return [
    name ? `${id} (${name})` : id,
    typeId,
    assetId === undefined ? '–' : [assetId, chamber].filter(Boolean).join(' / '),
    <code key="eui">{externalIds?.devEui ?? externalIds?.imei ?? externalIds?.networkId ?? '–'}</code>,
    formatDay(Date.parse(createdAt)),
  ];
}

/** Keeps devices whose id, name, type, bin or external id holds the text. */
export function findDevices(all: readonly Device[], search: string): readonly Device[] {
  const text = search.trim().toLowerCase();
  if (text === '') return all;
  return all.filter(({ id, name, typeId, assetId, externalIds }) =>
    [id, name, typeId, assetId, externalIds?.devEui, externalIds?.imei, externalIds?.networkId].some((part) =>
      part?.toLowerCase().includes(text),
    ),
  );
}
