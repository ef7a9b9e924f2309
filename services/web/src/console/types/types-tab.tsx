import { useEffect } from 'preact/hooks';
import type { SensorTypeSummary } from '@ronde/contracts';
import { formatDuration, formatNumber } from '../../shared/i18n/format.ts';
import { adjust, param } from '../address.ts';
import {
  devices,
  loadDevices,
  loadQuantities,
  loadTypes,
  quantityName,
  sensorTypes,
  typesState,
} from '../catalogue.ts';
import { LoadNote } from '../load-state.tsx';
import { PlaceLink } from '../place-link.tsx';
import { NewTypePage } from './new-type-page.tsx';
import { t } from './text.ts';
import { TypePage } from './type-page.tsx';
import './types.css';

/** One type when the address names it, a new one from what an unknown device sent, else all types. */
export function TypesTab() {
  useEffect(() => void Promise.all([loadTypes(), loadDevices(), loadQuantities()]), []);
  const [id, draft] = [param('type'), param('draft')];
  if (draft) return <NewTypePage key={draft} from={draft} />;
  return id ? <TypePage key={id} id={id} /> : <TypeList />;
}

function TypeList() {
  const wanted = param('q').trim().toLowerCase();
  const found = sensorTypes.value.filter((type) => wanted === '' || textOf(type).includes(wanted));
  return (
    <section aria-labelledby="types-title">
      <h2 id="types-title">{t('title')}</h2>
      <LoadNote state={typesState.value} onRetry={() => void loadTypes()} />
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
        <span role="status" class="numeric">
          {t('shown', { shown: formatNumber(found.length), total: formatNumber(sensorTypes.value.length) })}
        </span>
        <PlaceLink to={{ tab: 'types', draft: 'new' }} class="utrecht-button utrecht-button--secondary-action">
          {t('newType')}
        </PlaceLink>
      </div>
      {typesState.value === 'ready' && sensorTypes.value.length === 0 && <p role="status">{t('none')}</p>}
      {found.length > 0 && <TypesTable types={found} />}
    </section>
  );
}

function textOf({ id, vendor, model, description, quantities }: SensorTypeSummary): string {
  return [id, vendor, model, description, ...quantities, ...quantities.map(quantityName)].join(' ').toLowerCase();
}

function TypesTable({ types }: { types: readonly SensorTypeSummary[] }) {
  const used = Map.groupBy(devices.value, ({ typeId }) => typeId);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('table')}>
      <table>
        <thead>
          <tr>
            {(['colId', 'colModel', 'colVersion', 'colQuantities', 'colInterval', 'colUsed'] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {types.map((type) => (
            <tr key={type.id}>
              <th scope="row">
                <PlaceLink to={{ tab: 'types', type: type.id }} class="types__link">
                  {type.id}
                </PlaceLink>
              </th>
              <td>
                {type.vendor} {type.model}
                <div class="small soft" lang="en">
                  {type.description}
                </div>
              </td>
              <td>{type.version}</td>
              <td>{type.quantities.map(quantityName).join(', ')}</td>
              <td class="numeric">{type.expectedIntervalS === null ? '–' : formatDuration(type.expectedIntervalS)}</td>
              <td class="numeric">{formatNumber(used.get(type.id)?.length ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
