import { useEffect } from 'preact/hooks';
import { formatNumber } from '../shared/i18n/format.ts';
import { devices, loadDevices, loadTypes, sensorTypes, typesState } from './catalogue.ts';
import { LoadNote } from './load-state.tsx';
import { t } from './text.ts';

/** The sensor types that this installation can read, and how many devices use each. */
export function TypesTab() {
  useEffect(() => void Promise.all([loadTypes(), loadDevices()]), []);
  const used = Map.groupBy(devices.value, ({ typeId }) => typeId);
  return (
    <section aria-labelledby="types-title">
      <h2 id="types-title">{t('typesTitle')}</h2>
      <LoadNote state={typesState.value} onRetry={() => void loadTypes()} />
      {typesState.value === 'ready' && sensorTypes.value.length === 0 && <p role="status">{t('typesNone')}</p>}
      {sensorTypes.value.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-labelledby="types-title">
          <table>
            <thead>
              <tr>
                {(['colId', 'colModel', 'colVersion', 'colQuantities', 'colInterval', 'colUsed'] as const).map(
                  (key) => (
                    <th key={key} scope="col">
                      {t(key)}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {sensorTypes.value.map((type) => (
                <tr key={type.id}>
                  <th scope="row">
                    <code>{type.id}</code>
                  </th>
                  <td>
                    {type.vendor} {type.model}
                    <div class="small soft">{type.description}</div>
                    <div class="small soft">{t('licence', { licence: type.licence })}</div>
                  </td>
                  <td>{type.version}</td>
                  <td>{type.quantities.join(', ')}</td>
                  <td class="numeric">
                    {type.expectedIntervalS === null
                      ? '–'
                      : t('interval', { n: Math.round(type.expectedIntervalS / 60) })}
                  </td>
                  <td class="numeric">{formatNumber(used.get(type.id)?.length ?? 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
