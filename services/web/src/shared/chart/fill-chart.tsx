import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { language } from '../i18n/language.ts';
import { shared } from '../i18n/shared-text.ts';
import { theme } from '../theme.ts';
import type { FillSeries } from './fill-series.ts';
import type { ChartHandle } from './open-chart.ts';
import './fill-chart.css';

interface FillChartProps {
  series: FillSeries;
  nowMs: number;
  /** The same in words, for those who do not see the picture. */
  summary: string;
}

/** History and forecast of one bin's fill; loads the chart library only when shown. */
export function FillChart({ series, nowMs, summary }: FillChartProps) {
  const container = useRef<HTMLDivElement>(null);
  const chart = useRef<ChartHandle>(undefined);
  useEffect(() => {
    let isGone = false;
    void import('./open-chart.ts').then(({ openChart }) => {
      if (isGone || !container.current) return;
      const labels = {
        fill: shared('chartFill'),
        expected: shared('chartExpected'),
        range: shared('chartRange'),
        now: shared('chartNow'),
      };
      chart.current = openChart(container.current, labels);
      chart.current.set(series, nowMs);
    });
    return () => {
      isGone = true;
      chart.current?.close();
    };
  }, [language.value]);
  useEffect(() => chart.current?.set(series, nowMs), [series, nowMs]);
  useSignalEffect(() => {
    void theme.value;
    queueMicrotask(() => chart.current?.recolour());
  });
  return (
    <figure class="fill-chart">
      <div ref={container} class="fill-chart__canvas" role="img" aria-label={summary} />
      <figcaption class="fill-chart__key small">
        <span class="fill-chart__line">{shared('chartFill')}</span>
        <span class="fill-chart__dash">{shared('chartExpected')}</span>
        <span class="fill-chart__band">{shared('chartRange')}</span>
      </figcaption>
    </figure>
  );
}
