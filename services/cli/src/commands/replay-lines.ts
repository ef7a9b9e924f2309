import type { IncidentSpan, KpiFigures, ReadingDifference, Replay, ReplayDiff } from '@ronde/contracts';

const EXAMPLES = 8;
const SPANS = 5;

/** Tells a replay to people: readings by quantity, incidents, figures, and what was written. */
export function linesOfReplay({ id, status, diff, applied, version }: Replay): string[] {
  const name = `${id} ${status}${version === undefined ? '' : `, read with version ${version}`}`;
  if (applied && status === 'applied')
    return [`${name}: ${applied.changed} readings changed, ${applied.added} added, ${applied.removed} removed`];
  if (!diff) return [name];
  return [
    `${name}: ${diff.frames} frames looked through, ${diff.uplinks} uplinks read again, ${diff.failing} not readable`,
    ...readingLines(diff),
    ...incidentLines(diff),
    ...kpiLines(diff),
  ];
}

function readingLines({ readings }: ReplayDiff): string[] {
  const { same, added, changed, removed } = readings;
  return [
    `readings: ${same} same, ${changed} changed, ${added} added, ${removed} removed`,
    ...readings.byQuantity
      .filter((line) => line.added + line.changed + line.removed > 0)
      .map(
        (line) =>
          `  ${line.quantity}: ${line.changed} changed, ${line.added} added, ${line.removed} removed; ` +
          `mean of these ${round(line.meanBefore)} → ${round(line.meanAfter)}`,
      ),
    ...readings.examples.slice(0, EXAMPLES).map((example) => `    ${exampleLine(example)}`),
  ];
}

function exampleLine({ deviceId, at, quantity, was, now }: ReadingDifference): string {
  const side = (one: ReadingDifference['was']): string =>
    one === null ? 'none' : `${round(one.value)}${one.quality === 'ok' ? '' : ` ${one.quality}`}`;
  return `${deviceId} ${at} ${quantity}: ${side(was)} → ${side(now)}`;
}

function incidentLines({ incidents }: ReplayDiff): string[] {
  const { before, after, gone, extra } = incidents;
  const spanLine = ({ kind, issue, assetId, deviceId, from, to }: IncidentSpan): string =>
    `${kind}${issue === undefined ? '' : ` (${issue})`} ${assetId ?? deviceId ?? ''} ${from} – ${to ?? 'still open'}`;
  return [
    `incidents where readings differ: ${before} before, ${after} after; ${gone} would not have opened, ${extra} more would have`,
    ...incidents.goneExamples.slice(0, SPANS).map((span) => `    not: ${spanLine(span)}`),
    ...incidents.extraExamples.slice(0, SPANS).map((span) => `    more: ${spanLine(span)}`),
  ];
}

function kpiLines({ kpis }: ReplayDiff): string[] {
  const pair = (name: string, of: (figures: KpiFigures) => number | null) => (line: ReplayDiff['kpis'][number]) =>
    `${name} ${round(of(line.before))} → ${round(of(line.after))}`;
  const parts = [
    pair('readings', ({ readings }) => readings),
    pair('hours full', ({ fullHours }) => fullHours),
    pair('hours silent', ({ silentHours }) => silentHours),
    pair('mean fill', ({ fillMean }) => fillMean),
  ];
  return kpis.map(
    (line) => `  ${line.assets} × ${line.kind ?? 'without asset'}: ${parts.map((part) => part(line)).join(', ')}`,
  );
}

function round(value: number | null): string {
  return value === null ? '–' : String(Number(value.toPrecision(5)));
}
