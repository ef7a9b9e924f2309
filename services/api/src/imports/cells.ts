/** A cell as it stands in a file: text of a CSV, or what a spreadsheet keeps. Empty cells are absent. */
export type Cell = string | number | boolean | undefined;

/** How a column's cells are read. */
export type CellKind = 'text' | 'lower' | 'hex' | 'digits' | 'number' | 'list' | 'json' | 'instant';

type CellResult = { ok: true; value: unknown } | { ok: false; message: string; remedy: string };

const AS_TEXT = 'a spreadsheet made it a number; format the column as text and type it again';
/** Above it a spreadsheet, which keeps 15 digits, has rounded. */
const MAX_EXACT = 999_999_999_999_999;
// 2,4E+15 as Dutch spreadsheets write a long number into a CSV; without the plus it is hexadecimal
const ROUNDED = /^\d+([.,]\d+)?E\+\d+$/i;

/** Reads one cell. */
export function readCell(cell: string | number | boolean, kind: CellKind): CellResult {
  switch (kind) {
    case 'number':
      return readNumber(cell);
    case 'hex':
    case 'digits':
      return readDigits(cell, kind);
    case 'list':
      return { ok: true, value: listOf(String(cell)) };
    case 'json':
      return readJson(String(cell));
    case 'lower':
      return { ok: true, value: String(cell).trim().toLowerCase() };
    default:
      return { ok: true, value: String(cell).trim() };
  }
}

/** Reads a number as people write it: 1.5, 1,5, 1.234,5 or 1,234.5. */
export function toNumber(text: string): number | undefined {
  const bare = text.trim().replaceAll(/[\s\u00a0\u202f']/g, '');
  const comma = bare.lastIndexOf(',');
  const point = bare.lastIndexOf('.');
  // where both stand, the last one is the decimal mark; a comma alone is one too
  const plain = comma > point ? bare.replaceAll('.', '').replace(',', '.') : bare.replaceAll(',', '');
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
}

function readNumber(cell: string | number | boolean): CellResult {
  const value = typeof cell === 'number' ? cell : toNumber(String(cell));
  return value !== undefined && Number.isFinite(value)
    ? { ok: true, value }
    : { ok: false, message: `"${String(cell)}" is not a number`, remedy: 'write digits with one decimal mark' };
}

function readDigits(cell: string | number | boolean, kind: 'hex' | 'digits'): CellResult {
  if (typeof cell === 'number') {
    if (!Number.isInteger(cell) || Math.abs(cell) > MAX_EXACT)
      return { ok: false, message: `${cell} has been rounded`, remedy: AS_TEXT };
    // zeros in front are lost as well, and an EUI has 16 digits
    return { ok: true, value: kind === 'hex' ? String(cell).padStart(16, '0') : String(cell) };
  }
  const text = String(cell).trim();
  if (ROUNDED.test(text)) return { ok: false, message: `"${text}" has been rounded`, remedy: AS_TEXT };
  return { ok: true, value: text.replaceAll(/[\s:-]/g, '').toLowerCase() };
}

function listOf(text: string): string[] {
  if (text.trim().startsWith('[')) {
    const parsed = readJson(text);
    if (parsed.ok && Array.isArray(parsed.value)) return parsed.value.map(String);
  }
  return text
    .split(/[,;|]/)
    .map((part) => part.trim())
    .filter(Boolean);
}

function readJson(text: string): CellResult {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, message: 'is not JSON', remedy: 'write it as the API shows it, such as [{"id":"1"}]' };
  }
}
