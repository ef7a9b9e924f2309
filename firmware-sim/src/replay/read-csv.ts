import { Id, Instant, type Fault, type Result } from '@ronde/contracts';

/** One line of a fill series. */
export interface FillRow {
  containerId: string;
  atMs: number;
  /** 0 … 1. */
  fill: number;
}

const COLUMNS = ['container_id', 'time', 'percent'] as const;
const MOST_FAULTS = 20;

/**
 * Reads `container_id,time,percent` (header in any order, further columns are left alone); rows come back in order of time.
 * @returns every fault with line, column and remedy, at most twenty
 */
export function readFillCsv(text: string): Result<FillRow[]> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = (lines[0] ?? '').split(',').map(unquoted);
  const places = COLUMNS.map((column) => header.indexOf(column));
  const missing = COLUMNS.filter((_, index) => places[index] === -1);
  if (missing.length > 0) {
    return {
      ok: false,
      faults: [
        fault(
          `line 1, column ${missing.join(', ')}`,
          'is missing from the header',
          `start the file with ${COLUMNS.join(',')}`,
        ),
      ],
    };
  }
  const rows: FillRow[] = [];
  const faults: Fault[] = [];
  for (let index = 1; index < lines.length && faults.length < MOST_FAULTS; index++) {
    const line = lines[index]!;
    if (line.trim() === '') continue;
    const cells = line.split(',').map(unquoted);
    const [containerId, time, percent] = places.map((place) => cells[place] ?? '') as [string, string, string];
    const wrong = faultsOf(index + 1, { containerId, time, percent });
    if (wrong.length > 0) faults.push(...wrong);
    else rows.push({ containerId, atMs: Date.parse(time), fill: Number(percent) / 100 });
  }
  if (faults.length > 0) return { ok: false, faults };
  if (rows.length === 0)
    return { ok: false, faults: [fault('line 2', 'is missing: the file has no rows', 'give at least one reading')] };
  return { ok: true, value: rows.sort((a, b) => a.atMs - b.atMs) };
}

function faultsOf(line: number, row: { containerId: string; time: string; percent: string }): Fault[] {
  const faults: Fault[] = [];
  const wrong = (column: string, message: string, remedy: string): void =>
    void faults.push(fault(`line ${line}, column ${column}`, message, remedy));
  if (!Id.safeParse(row.containerId).success) {
    wrong(
      'container_id',
      `"${row.containerId}" is no id`,
      'use 1 to 64 letters, digits, "-" or "_", the first a letter or digit',
    );
  }
  if (!Instant.safeParse(row.time).success)
    wrong('time', `"${row.time}" is no time`, 'write it with an offset, such as 2024-04-07T02:35:54Z');
  const percent = Number(row.percent);
  if (row.percent.trim() === '' || !(percent >= 0 && percent <= 100))
    wrong('percent', `"${row.percent}" is not from 0 to 100`, 'give the fill level in percent');
  return faults;
}

function fault(field: string, message: string, remedy: string): Fault {
  return { field, code: 'INPUT_INVALID', message, remedy };
}

function unquoted(cell: string): string {
  const bare = cell.trim();
  return bare.startsWith('"') && bare.endsWith('"') ? bare.slice(1, -1) : bare;
}
