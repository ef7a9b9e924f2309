import type { Fault, Result } from '@ronde/contracts';

/** One row of a measurements file. */
export interface MeasurementRow {
  containerId: string;
  atMs: number;
  /** Fill in percent, 0..100. */
  percent: number;
}

const COLUMNS = ['container_id', 'time', 'percent'] as const;
/** More faults than this say nothing new about a file. */
const MAX_FAULTS = 100;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Reads CSV with the columns container_id, time (ISO 8601; UTC unless an offset is given) and percent, in any order,
 * other columns ignored, fields optionally in double quotes without line breaks.
 * @returns the rows in file order, or every fault (at most 100) with its line and column
 */
export function parseMeasurements(text: string): Result<MeasurementRow[]> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = cells(lines[0] ?? '');
  const places = COLUMNS.map((name) => header.indexOf(name));
  const missing = COLUMNS.filter((_, i) => places[i]! < 0);
  if (missing.length > 0) {
    return { ok: false, faults: missing.map((name) => fault(1, name, `the header has no column "${name}"`)) };
  }
  const rows: MeasurementRow[] = [];
  const faults: Fault[] = [];
  for (let i = 1; i < lines.length && faults.length < MAX_FAULTS; i++) {
    if (lines[i]!.trim() === '') continue;
    const fields = cells(lines[i]!);
    const row = readRow(
      places.map((place) => fields[place]),
      { line: i + 1, faults },
    );
    if (row) rows.push(row);
  }
  if (faults.length === 0 && rows.length === 0) faults.push(fault(1, 'percent', 'the file has a header but no rows'));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: rows };
}

function readRow(
  [containerId, time, percent]: (string | undefined)[],
  to: { line: number; faults: Fault[] },
): MeasurementRow | undefined {
  const atMs = time !== undefined && TIME.test(time) ? Date.parse(asUtc(time)) : NaN;
  const value = percent === undefined || percent === '' ? NaN : Number(percent);
  const before = to.faults.length;
  if (!containerId) to.faults.push(fault(to.line, 'container_id', 'is empty'));
  if (Number.isNaN(atMs)) to.faults.push(fault(to.line, 'time', `"${time ?? ''}" is not an ISO 8601 time`));
  if (!(value >= 0 && value <= 100))
    to.faults.push(fault(to.line, 'percent', `"${percent ?? ''}" is not a number from 0 to 100`));
  return to.faults.length > before ? undefined : { containerId: containerId!, atMs, percent: value };
}

function asUtc(time: string): string {
  return /(Z|[+-]\d\d:?\d\d)$/.test(time) ? time : `${time.replace(' ', 'T')}Z`;
}

function cells(line: string): string[] {
  const found = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? [];
  const fields = found.map((cell) => cell.replace(/,$/, '').trim());
  if (!line.endsWith(',')) fields.pop();
  return fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}

function fault(line: number, column: string, message: string): Fault {
  return {
    field: `line ${line}, column ${column}`,
    code: 'INPUT_INVALID',
    message,
    remedy: 'mend the line, or leave it out, and run again',
  };
}
