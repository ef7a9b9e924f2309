import type { KpiFigures, ReadingsDiff, Replay, ReplayDiff } from '@ronde/contracts';
import { flagName } from '../../shared/i18n/flag-text.ts';
import { formatNumber, formatPercent } from '../../shared/i18n/format.ts';
import { kindName, qualityName } from '../../shared/i18n/shared-text.ts';
import { quantityName, quantityUnit } from '../catalogue.ts';
import { valueWords } from '../device/readings-card.tsx';
import { Differences } from './differences.tsx';
import { Incidents } from './incidents.tsx';
import { DiffTable } from './diff-table.tsx';
import { t } from './text.ts';

const TOLD = ['changed', 'added', 'removed', 'same'] as const;

/** What a replay would change or has changed: counts, alarms, figures, and the readings one by one. */
export function ReplayDiffView({ replay, diff }: { replay: Replay; diff: ReplayDiff }) {
  const { readings } = diff;
  return (
    <>
      <article class="card" aria-labelledby="diff-readings">
        <h3 id="diff-readings">{t('readings')}</h3>
        <dl class="tiles">
          {TOLD.map((key) => (
            <div key={key} class={`tiles__tile tiles__tile--${key}`}>
              <dt>{t(key)}</dt>
              <dd class="numeric">{formatNumber(readings[key])}</dd>
            </div>
          ))}
        </dl>
        {readings.byQuantity.length > 0 && <ByQuantity readings={readings} />}
        <Marks readings={readings} />
      </article>
      <Incidents incidents={diff.incidents} />
      <Kpis kpis={diff.kpis} />
      {readings.added + readings.changed + readings.removed > 0 && (
        <Differences replayId={replay.id} readings={readings} />
      )}
    </>
  );
}

function ByQuantity({ readings }: { readings: ReadingsDiff }) {
  const mean = (quantity: string, value: number | null): string =>
    value === null ? '–' : valueWords({ quantity, value, unit: quantityUnit(quantity) });
  return (
    <>
      <h4 id="by-quantity">{t('byQuantity')}</h4>
      <DiffTable
        labelledBy="by-quantity"
        heads={[t('colQuantity'), ...TOLD.map((key) => t(key)), t('colMeanBefore'), t('colMeanAfter')]}
        rows={readings.byQuantity.map((line) => ({
          key: line.quantity,
          head: quantityName(line.quantity),
          cells: [
            ...TOLD.map((key) => formatNumber(line[key])),
            mean(line.quantity, line.meanBefore),
            mean(line.quantity, line.meanAfter),
          ],
        }))}
      />
      <p class="small soft">{t('meanNote')}</p>
    </>
  );
}

/** Qualities and flags on either side; those that stay as they are say nothing and are left out. */
function Marks({ readings: { byQuality = [], byFlag = [] } }: { readings: ReadingsDiff }) {
  const lines = [
    ...byQuality.map(({ quality, ...both }) => ({ key: quality, head: qualityName(quality), ...both })),
    ...byFlag.map(({ flag, ...both }) => ({ key: flag, head: flagName(flag), ...both })),
  ];
  if (lines.length === 0) return null;
  return (
    <>
      <h4 id="by-mark">{t('byQuality')}</h4>
      <DiffTable
        labelledBy="by-mark"
        heads={[t('colMark'), t('colBefore'), t('colAfter')]}
        rows={lines.map(({ key, head, before, after }) => ({
          key,
          head,
          cells: [formatNumber(before), formatNumber(after)],
        }))}
      />
    </>
  );
}

const FIGURES = ['readings', 'fullHours', 'silentHours', 'fillMean'] as const satisfies readonly (keyof KpiFigures)[];

function Kpis({ kpis }: { kpis: ReplayDiff['kpis'] }) {
  return (
    <article class="card" aria-labelledby="diff-kpis">
      <h3 id="diff-kpis">{t('kpis')}</h3>
      {kpis.length === 0 && <p class="soft">{t('kpisNone')}</p>}
      {kpis.length > 0 && (
        <DiffTable
          labelledBy="diff-kpis"
          heads={[t('colClass'), ...FIGURES.map((name) => t(`kpi_${name}`))]}
          rows={kpis.map(({ kind, assets, before, after }) => ({
            key: kind ?? '',
            head: kind === null ? t('noAsset') : `${kindName(kind)}, ${t('assets', { n: assets })}`,
            cells: FIGURES.map((name) =>
              t('beforeAfter', { before: figure(name, before[name]), after: figure(name, after[name]) }),
            ),
          }))}
        />
      )}
    </article>
  );
}

function figure(name: keyof KpiFigures, value: number | null): string {
  if (value === null) return '–';
  return name === 'fillMean' ? formatPercent(value) : formatNumber(value);
}
