import { useMemo } from 'preact/hooks';
import type { Forecast } from '@ronde/contracts';
import { FillChart } from '../shared/chart/fill-chart.tsx';
import { joinSeries, type FillPoint } from '../shared/chart/fill-series.ts';
import { formatMoment, formatPercent, formatTime, formatUntil } from '../shared/i18n/format.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { RANGES, type Part, type Range } from './bin-data.ts';
import { LoadFault } from './load-fault.tsx';
import { t } from './text.ts';

/** When the bin is expected to be full, how sure that is, and the risk. */
export function BinForecast({ part }: { part: Part<Forecast | undefined> }) {
  return (
    <section class="bin__section">
      <h3>{t('binForecast')}</h3>
      {part.kind === 'loading' && <div class="skeleton bin__skeleton" role="status" aria-label={t('loading')} />}
      {part.kind === 'fault' && <LoadFault problem={part.problem} />}
      {part.kind === 'ready' &&
        (part.value ? <Outlook forecast={part.value} /> : <p class="soft">{t('noForecast')}</p>)}
    </section>
  );
}

function Outlook({ forecast }: { forecast: Forecast }) {
  const { fullAt, overflowRisk } = forecast;
  const nowMs = serverNow();
  const moment = (at: string | null): string => (at === null ? t('fullLater') : formatTime(Date.parse(at), nowMs));
  const p50Ms = fullAt.p50 === null ? null : Date.parse(fullAt.p50);
  return (
    <>
      {p50Ms === null ? (
        <p>{t('fullNotSoon')}</p>
      ) : (
        <p title={formatMoment(p50Ms)}>
          <strong>
            {p50Ms <= nowMs
              ? t('fullAlready')
              : t('fullExpected', { when: `${formatUntil(p50Ms - nowMs)} (${moment(fullAt.p50)})` })}
          </strong>
          {p50Ms > nowMs && (
            <span class="soft"> {t('fullRange', { from: moment(fullAt.p05), to: moment(fullAt.p95) })}</span>
          )}
        </p>
      )}
      <p class="bin__risk">
        <span>{t('overflowRisk')}</span>
        <meter min={0} max={1} low={0.25} high={0.6} optimum={0} value={overflowRisk} aria-label={t('overflowRisk')} />
        <strong class="numeric">{formatPercent(overflowRisk)}</strong>
      </p>
    </>
  );
}

interface BinHistoryProps {
  history: Part<FillPoint[]>;
  forecast: Part<Forecast | undefined>;
  range: Range;
  onRange(range: Range): void;
  onRetry(): void;
}

const RANGE_KEYS = { '2d': 'range2d', '7d': 'range7d', '30d': 'range30d' } as const;

/** The course of the fill with the forecast behind it, for a span to choose. */
export function BinHistory({ history, forecast, range, onRange, onRetry }: BinHistoryProps) {
  const points = history.kind === 'ready' ? history.value : undefined;
  const ahead = forecast.kind === 'ready' ? forecast.value : undefined;
  const series = useMemo(() => joinSeries(points ?? [], ahead), [points, ahead]);
  return (
    <section class="bin__section">
      <div class="bin__heading">
        <h3>{t('binHistory')}</h3>
        <div class="choices" role="group" aria-label={t('binHistory')}>
          {(Object.keys(RANGES) as Range[]).map((name) => (
            <button
              key={name}
              type="button"
              class="utrecht-button utrecht-button--secondary-action"
              aria-pressed={name === range}
              onClick={() => onRange(name)}
            >
              {t(RANGE_KEYS[name])}
            </button>
          ))}
        </div>
      </div>
      {history.kind === 'loading' && (
        <div class="skeleton bin__chart-skeleton" role="status" aria-label={t('loading')} />
      )}
      {history.kind === 'fault' && <LoadFault problem={history.problem} onRetry={onRetry} />}
      {points && (points.length > 0 || ahead) && (
        <FillChart series={series} nowMs={serverNow()} summary={summaryOf(points)} />
      )}
      {points && points.length === 0 && <p class="soft">{t('chartEmpty')}</p>}
    </section>
  );
}

function summaryOf(points: readonly FillPoint[]): string {
  const last = points.at(-1);
  if (!last) return t('chartEmpty');
  const fills = points.map(({ fill }) => fill);
  return t('chartSummary', {
    n: points.length,
    min: formatPercent(Math.min(...fills)),
    max: formatPercent(Math.max(...fills)),
    last: formatPercent(last.fill),
  });
}
