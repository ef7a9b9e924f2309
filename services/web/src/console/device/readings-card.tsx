import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Page, Reading } from '@ronde/contracts';
import { formatAge, formatMoment, formatPercent } from '../../shared/i18n/format.ts';
import { flagNames } from '../../shared/i18n/flag-text.ts';
import { language } from '../../shared/i18n/language.ts';
import { qualityName } from '../../shared/i18n/shared-text.ts';
import { serverNow } from '../../shared/live/server-clock.ts';
import { call } from '../../shared/rest.ts';
import { isBinary, quantityName } from '../catalogue.ts';
import { LoadNote, type LoadState } from '../load-state.tsx';
import { t } from './text.ts';

const EVERY_MS = 10_000;
const BACK_MS = 7 * 86_400_000;
const LOOKED_AT = 200;

/** The newest reading of each quantity of a device. */
export function ReadingsCard({ deviceId }: { deviceId: string }) {
  const newest = useSignal<readonly Reading[]>([]);
  const state = useSignal<LoadState>('loading');
  const load = async (): Promise<void> => {
    const from = new Date(serverNow() - BACK_MS).toISOString();
    const answer = await call<Page<Reading>>(
      `/v1/devices/${deviceId}/readings?order=desc&limit=${LOOKED_AT}&from=${from}`,
    );
    if (answer.ok) newest.value = newestOf(answer.value.items);
    state.value = answer.ok ? 'ready' : answer.problem;
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), EVERY_MS);
    return () => clearInterval(timer);
  }, [deviceId]);
  return (
    <article class="card" aria-labelledby="readings-title">
      <h3 id="readings-title">{t('readings')}</h3>
      <LoadNote state={state.value} onRetry={() => void load()} />
      {state.value === 'ready' && newest.value.length === 0 && <p class="soft">{t('readingsNone')}</p>}
      {newest.value.length > 0 && <ReadingsTable readings={newest.value} />}
    </article>
  );
}

function ReadingsTable({ readings }: { readings: readonly Reading[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-labelledby="readings-title">
      <table>
        <thead>
          <tr>
            {(['colQuantity', 'colValue', 'colQuality', 'colAt'] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {readings.map((reading) => (
            <tr key={keyOf(reading)}>
              <th scope="row">{[quantityName(reading.quantity), reading.chamber].filter(Boolean).join(' / ')}</th>
              <td class="numeric">{valueWords(reading)}</td>
              <td>
                {qualityName(reading.quality)}
                {reading.flags.length > 0 && <div class="small soft">{flagNames(reading.flags)}</div>}
              </td>
              <td title={formatMoment(Date.parse(reading.at))}>{formatAge(serverNow() - Date.parse(reading.at))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Measured {
  quantity: string;
  value: number | null;
  unit: string;
}

/** Says a value as people do: a share in percent, a state as yes or no, else a number with its unit. */
export function valueWords({ quantity, value, unit }: Measured): string {
  if (value === null) return t('none');
  if (isBinary(quantity)) return t(value === 0 ? 'no' : 'yes');
  if (unit === '1' && value >= 0 && value <= 1 && SHARES.has(quantity)) return formatPercent(value);
  const number = new Intl.NumberFormat(language.value, { maximumFractionDigits: 3 }).format(value);
  return unit === '1' ? number : `${number} ${UNIT_SIGNS[unit] ?? unit}`;
}

const SHARES = new Set(['fill', 'battery', 'humidity', 'soilMoisture']);
/** UCUM codes as people write them. */
const UNIT_SIGNS: Record<string, string> = {
  Cel: '°C',
  'dB[SPL]': 'dB',
  'dB[mW]': 'dBm',
  '[ppm]': 'ppm',
  'ug/m3': 'µg/m³',
  deg: '°',
  m3: 'm³',
};

function newestOf(readings: readonly Reading[]): Reading[] {
  const byKey = new Map<string, Reading>();
  for (const reading of readings) if (!byKey.has(keyOf(reading))) byKey.set(keyOf(reading), reading);
  return [...byKey.values()];
}

const keyOf = ({ quantity, chamber }: Reading): string => `${quantity} ${chamber ?? ''}`;
