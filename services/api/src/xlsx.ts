import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { refuse } from '@ronde/kit';
import { faultOf } from './faults.ts';

const deflate = promisify(deflateRaw);

/** A workbook is built in memory, of which this takes some 100 MB; programs take ten times as many rows. */
export const MAX_XLSX_ROWS = 100_000;

/**
 * Writes one worksheet as an XLSX file (ECMA-376): numbers and yes/no as such, all else as text, so that a devEUI keeps
 * its digits and nothing is run as a formula.
 * @throws RondeError INPUT_INVALID as soon as there are more rows than it takes
 */
export async function xlsxOf(rows: AsyncIterable<unknown[]>): Promise<Buffer> {
  const parts: string[] = [];
  for await (const cells of rows) {
    const row = parts.length + 1;
    if (row > MAX_XLSX_ROWS) refuse([TOO_MANY]);
    parts.push(
      `<row r="${row}">${cells.map((cell, column) => cellXml(cell, columnName(column) + row)).join('')}</row>`,
    );
  }
  const sheet = `${XML}<worksheet xmlns="${MAIN}"><sheetData>${parts.join('')}</sheetData></worksheet>`;
  return zip([
    ['[Content_Types].xml', CONTENT_TYPES],
    ['_rels/.rels', rels(`${OFFICE}/officeDocument`, 'xl/workbook.xml')],
    [
      'xl/workbook.xml',
      `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="Ronde" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ],
    ['xl/_rels/workbook.xml.rels', rels(`${OFFICE}/worksheet`, 'worksheets/sheet1.xml')],
    ['xl/worksheets/sheet1.xml', sheet],
  ]);
}

const TOO_MANY = faultOf(
  'format',
  `xlsx takes at most ${MAX_XLSX_ROWS.toLocaleString('en')} rows`,
  'narrow it down (from, to, assetId, deviceId, quantity), or take csv or jsonl, which have no limit',
);
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const SHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const CONTENT_TYPES =
  `${XML}<Types xmlns="${PACKAGE}/content-types">` +
  '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
  `<Override PartName="/xl/workbook.xml" ContentType="${SHEET_TYPE}.sheet.main+xml"/>` +
  `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${SHEET_TYPE}.worksheet+xml"/></Types>`;

function rels(type: string, target: string): string {
  return `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${type}" Target="${target}"/></Relationships>`;
}

/** 0 = A, 25 = Z, 26 = AA. */
function columnName(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? columnName(rest - 1) : '') + String.fromCharCode(65 + (index % 26));
}

function cellXml(value: unknown, address: string): string {
  if (value === undefined || value === null || value === '') return '';
  if (typeof value === 'number' && Number.isFinite(value)) return `<c r="${address}"><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `<c r="${address}" t="b"><v>${value ? 1 : 0}</v></c>`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `<c r="${address}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

function escaped(text: string): string {
  return (
    text
      // XML 1.0 §2.2: these may not stand in a document at all
      // eslint-disable-next-line no-control-regex -- exactly those are meant
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
  );
}

/** Packs files (APPNOTE.TXT 6.3.10, §4.3): deflated, without data descriptors. */
async function zip(files: [name: string, text: string][]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of files) {
    const content = Buffer.from(text);
    // not on the thread that acknowledges messages
    const packed = await deflate(content);
    // version 2.0, UTF-8 names, deflated, 1 January 1980
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x0800, 2);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt16LE(0x21, 8);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([signature(0x04034b50), shared, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([signature(0x02014b50), Buffer.from([20, 0]), shared, place, Buffer.from(name)]));
    chunks.push(local);
    at += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...chunks, entries, signature(0x06054b50), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
