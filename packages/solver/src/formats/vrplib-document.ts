import { linesOf } from './text-lines.ts';
import type { FaultList, Line } from './text-lines.ts';

/** A section: its heading's line, its rows, and the line after its last. */
export interface Section {
  readonly at: number;
  readonly rows: readonly Line[];
  endsAt: number;
}

/** A VRPLIB file in headers (KEY : value) and sections (KEY_SECTION, then rows). */
export interface Document {
  readonly headers: ReadonlyMap<string, Line>;
  readonly sections: ReadonlyMap<string, Section>;
  readonly notes: readonly string[];
}

/** Headers that are understood; those after the blank describe a picture or the maker. */
const HEADERS = [
  ...['NAME', 'TYPE', 'DIMENSION', 'CAPACITY', 'VEHICLES', 'SERVICE_TIME', 'DISTANCE', 'RELEASE_TIME'],
  ...['EDGE_WEIGHT_TYPE', 'EDGE_WEIGHT_FORMAT', 'VEHICLES_MAX_DURATION', 'VEHICLES_MAX_DISTANCE'],
  ...['VEHICLES_FIXED_COST', 'VEHICLES_UNIT_DISTANCE_COST'],
  ...['COMMENT', 'DISPLAY_DATA_TYPE', 'NODE_COORD_TYPE', 'EDGE_DATA_FORMAT'],
];

/** Sections that are understood. */
export const SECTIONS = [
  ...['NODE_COORD_SECTION', 'EDGE_WEIGHT_SECTION', 'DEMAND_SECTION', 'DEPOT_SECTION', 'DISPLAY_DATA_SECTION'],
  ...['TIME_WINDOW_SECTION', 'SERVICE_TIME_SECTION', 'RELEASE_TIME_SECTION', 'PRIZE_SECTION'],
  ...['CAPACITY_SECTION', 'VEHICLES_ALLOWED_CLIENTS_SECTION', 'VEHICLES_MAX_DURATION_SECTION'],
  ...['VEHICLES_MAX_DISTANCE_SECTION', 'VEHICLES_FIXED_COST_SECTION', 'VEHICLES_UNIT_DISTANCE_COST_SECTION'],
  ...['VEHICLES_DEPOT_SECTION', 'VEHICLES_RELOAD_DEPOT_SECTION'],
];

/** Headers that would change what a plan may do, so that passing over them would answer another question. */
const BINDING = /^(VEHICLES_|MAX_|MIN_|DEMAND|RELOAD|BACKHAUL|LINEHAUL)/;

const HEADER = /^([A-Z][A-Z_0-9]*)\s*:(.*)$/;
const HEADING = /^([A-Z][A-Z_0-9]*_SECTION)\s*:?$/;

/** Names the known word that starts most like a wrong one. */
function nearest(wrong: string, known: readonly string[]): string {
  const alike = (word: string): number => {
    let same = 0;
    while (same < wrong.length && wrong[same] === word[same]) same++;
    return same;
  };
  return [...known].sort((x, y) => alike(y) - alike(x))[0]!;
}

/** Splits a file; a heading that is not known, or comes twice, is a fault. */
export function splitDocument(text: string, faults: FaultList): Document {
  const headers = new Map<string, Line>();
  const sections = new Map<string, Section>();
  const notes: string[] = [];
  let open: { at: number; rows: Line[]; endsAt: number } | undefined;
  const begin = (name: string, at: number): void => {
    if (!SECTIONS.includes(name)) {
      const remedy = `take the section out, or correct its name (${nearest(name, SECTIONS)}?)`;
      faults.add(at, name, `is not a section that is understood; ${remedy}`);
    } else if (sections.has(name)) faults.add(at, name, 'comes a second time; keep one of the two');
    open = { at, rows: [], endsAt: at };
    sections.set(name, open);
  };
  const header = (key: string, line: Line): void => {
    if (headers.has(key) && key !== 'COMMENT') faults.add(line.number, key, 'comes a second time; keep one of the two');
    headers.set(key, line);
    if (HEADERS.includes(key)) return;
    if (BINDING.test(key)) faults.add(line.number, key, `is not understood; take it out (${nearest(key, HEADERS)}?)`);
    else notes.push(`line ${line.number}: ${key} is not known and has no effect`);
  };
  for (const line of linesOf(text)) {
    if (line.text === 'EOF') break;
    if (!line.text) continue;
    const heading = HEADING.exec(line.text)?.[1];
    const pair = HEADER.exec(line.text);
    if (heading) begin(heading, line.number);
    else if (pair) header(pair[1]!, { number: line.number, text: pair[2]!.trim() });
    else if (open) {
      open.rows.push(line);
      open.endsAt = line.number;
    } else
      faults.add(line.number, '', `"${line.text.slice(0, 40)}" is neither a header (KEY : value) nor in a section`);
  }
  return { headers, sections, notes };
}
