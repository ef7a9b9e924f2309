import { parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/node';
import { RondeError } from '@ronde/contracts';
import type { Cell } from './cells.ts';
import { zipFault } from './zip-guard.ts';

export interface Table {
  headings: string[];
  rows: Cell[][];
}

const MAX_ROWS = 50_000;
const MAX_COLUMNS = 200;
const MAX_UNPACKED_BYTES = 200 * 1024 * 1024;

/**
 * Reads a CSV (comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252) or XLSX file, told apart by its bytes; of a
 * workbook the first sheet counts.
 * @throws RondeError INPUT_INVALID with what is wrong with the file as a whole
 */
export async function readTable(bytes: Buffer): Promise<Table> {
  if (bytes.length === 0) throw fileFault('is empty', 'send the file as the body');
  const isZip = bytes.length >= 2 && bytes.readUInt16BE(0) === 0x504b;
  const [headings, ...rows] = isZip ? await readWorkbook(bytes) : readText(bytes);
  if (!headings) throw fileFault('holds no row', 'the first row is to name the columns');
  if (headings.length > MAX_COLUMNS) throw fileFault(`has ${headings.length} columns`, `at most ${MAX_COLUMNS}`);
  const filled = rows.filter((row) => row.some((cell) => cell !== undefined));
  if (filled.length > MAX_ROWS)
    throw fileFault(`has ${filled.length} rows`, `split it into files of at most ${MAX_ROWS}`);
  return { headings: headings.map((heading) => String(heading ?? '').trim()), rows: filled };
}

async function readWorkbook(bytes: Buffer): Promise<Cell[][]> {
  const fault = zipFault(bytes, MAX_UNPACKED_BYTES);
  if (fault !== undefined)
    throw fileFault(`is no workbook that can be read: ${fault}`, 'save it again as .xlsx or as CSV');
  try {
    const rows = await readSheet(bytes);
    return rows.map((row) => row.map(toCell));
  } catch (cause) {
    throw fileFault('is no workbook that can be read', 'save it again as .xlsx or as CSV', cause);
  }
}

function toCell(value: unknown): Cell {
  if (value === null || value === undefined || value === '') return undefined;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'number' || typeof value === 'boolean' ? value : trimmed(String(value));
}

function readText(bytes: Buffer): Cell[][] {
  // Excel's own line that names the delimiter
  const told = /^sep=(.)\r?\n/i.exec(decode(bytes).slice(0, 20));
  const text = decode(bytes).slice(told?.[0].length ?? 0);
  if (text.includes('\u0000')) throw fileFault('is neither CSV nor XLSX', 'send one of these');
  try {
    const records = parse(text, {
      delimiter: told?.[1] ?? delimiterOf(text),
      relax_column_count: true,
      skip_empty_lines: true,
      relax_quotes: true,
    }) as string[][];
    return records.map((record) => record.map(trimmed));
  } catch (cause) {
    throw fileFault(`is no CSV that can be read: ${(cause as Error).message}`, 'check the quotes at that line', cause);
  }
}

/** A spreadsheet saves CSV as Windows-1252 where nobody tells it otherwise. */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe;
  if (isUtf16) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The one of the usual delimiters that occurs most in the first line, quoted parts left out. */
function delimiterOf(text: string): string {
  const line = (/^[^\r\n]*/.exec(text)?.[0] ?? '').replaceAll(/"[^"]*"/g, '');
  const counts = [';', ',', '\t', '|'].map((mark) => ({ mark, count: line.split(mark).length }));
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).mark;
}

/** An apostrophe in front protects a text from being run as a formula; exports of ours put it there. */
function trimmed(text: string): Cell {
  const bare = text.trim().replace(/^'(?=[=+\-@])/, '');
  return bare === '' ? undefined : bare;
}

export function fileFault(message: string, remedy: string, cause?: unknown): RondeError {
  const faults = [{ field: 'file', code: 'INPUT_INVALID', message, remedy }];
  return new RondeError('INPUT_INVALID', `the file ${message}`, { details: { faults }, cause });
}
