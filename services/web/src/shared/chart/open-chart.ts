import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatDay, formatPercent, formatTime } from '../i18n/format.ts';
import { tokenValue } from '../theme.ts';
import type { FillSeries } from './fill-series.ts';

export interface ChartLabels {
  fill: string;
  expected: string;
  range: string;
  now: string;
}
export interface ChartHandle {
  set(series: FillSeries, nowMs: number): void;
  recolour(): void;
  close(): void;
}

const HEIGHT_PX = 220;

/** Opens a chart of history and forecast: measured line, expected dashes, 90 % band, the limits 75 and 90 %, and now. */
export function openChart(container: HTMLElement, labels: ChartLabels): ChartHandle {
  let nowMs = 0;
  let series: FillSeries = { atS: [], fill: [], p05: [], p50: [], p95: [] };
  let plot = build();
  const observer = new ResizeObserver(() => plot.setSize({ width: container.clientWidth, height: HEIGHT_PX }));
  observer.observe(container);

  function build(): UPlot {
    const [ink, line] = [tokenValue('--ronde-ink'), tokenValue('--ronde-map-line')];
    const axis = {
      stroke: ink,
      grid: { stroke: line, width: 1 },
      ticks: { stroke: line, width: 1 },
      font: '13px "Noto Sans"',
    };
    return new UPlot(
      {
        width: container.clientWidth || 400,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { y: false, points: { size: 8 } },
        scales: { y: { range: [0, 1.05] }, x: { time: true } },
        axes: [
          { ...axis, space: 88, size: 52, values: (_, splits) => axisWords(splits) },
          {
            ...axis,
            size: 56,
            splits: () => [0, 0.25, 0.5, 0.75, 1],
            values: (_, splits) => splits.map(formatPercent),
          },
        ],
        series: [
          {},
          { label: labels.fill, stroke: tokenValue('--ronde-accent'), width: 2.5, points: { show: false } },
          { label: labels.range, stroke: 'transparent', points: { show: false } },
          { label: labels.range, stroke: 'transparent', points: { show: false } },
          { label: labels.expected, stroke: ink, width: 2, dash: [6, 5], points: { show: false } },
        ],
        bands: [{ series: [3, 2], fill: withAlpha(tokenValue('--ronde-accent'), 0.22) }],
        hooks: { draw: [(self) => drawLimits(self, nowMs, labels.now)] },
      },
      columnsOf(series),
      container,
    );
  }

  return {
    set(next, atMs) {
      series = next;
      nowMs = atMs;
      plot.setData(columnsOf(series));
    },
    recolour() {
      plot.destroy();
      plot = build();
    },
    close() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

function columnsOf({ atS, fill, p05, p50, p95 }: FillSeries): UPlot.AlignedData {
  return [atS, fill, p05, p95, p50];
}

/** Clock times; the first of each day carries the date on a second line. */
function axisWords(splits: readonly number[]): string[] {
  let day = '';
  return splits.map((atS) => {
    const date = formatDay(atS * 1000);
    const isNew = date !== day;
    day = date;
    return isNew ? `${formatTime(atS * 1000)}\n${date}` : formatTime(atS * 1000);
  });
}

function drawLimits(plot: UPlot, nowMs: number, nowWord: string): void {
  const { ctx, bbox } = plot;
  const pixels = globalThis.devicePixelRatio || 1;
  ctx.save();
  for (const [limit, colour] of [
    [0.75, '#f0a202'],
    [0.9, tokenValue('--ronde-danger')],
  ] as const) {
    const y = plot.valToPos(limit, 'y', true);
    stroke(ctx, { colour, width: 1.5 * pixels, dash: [2 * pixels, 4 * pixels] }, [
      bbox.left,
      y,
      bbox.left + bbox.width,
      y,
    ]);
  }
  const x = plot.valToPos(nowMs / 1000, 'x', true);
  if (x >= bbox.left && x <= bbox.left + bbox.width) {
    const colour = tokenValue('--ronde-ink');
    stroke(ctx, { colour, width: 1.5 * pixels, dash: [] }, [x, bbox.top, x, bbox.top + bbox.height]);
    ctx.fillStyle = colour;
    ctx.textAlign = 'left';
    ctx.font = `${12 * pixels}px "Noto Sans"`;
    ctx.fillText(nowWord, x + 5 * pixels, bbox.top + 12 * pixels);
  }
  ctx.restore();
}

interface Pen {
  colour: string;
  width: number;
  dash: number[];
}
function stroke(ctx: CanvasRenderingContext2D, pen: Pen, [x1, y1, x2, y2]: [number, number, number, number]): void {
  ctx.beginPath();
  ctx.strokeStyle = pen.colour;
  ctx.lineWidth = pen.width;
  ctx.setLineDash(pen.dash);
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

function withAlpha(hex: string, alpha: number): string {
  return `${hex}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
