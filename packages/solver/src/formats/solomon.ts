import type { Customer, Depot, SheetVehicle } from './sheet.ts';
import type { SheetResult } from './sheet-instance.ts';
import { boundFleet, createFaultList, fits, linesOf, numbersOf } from './text-lines.ts';
import type { FaultList, Line } from './text-lines.ts';

const COLUMNS = 'number, x, y, demand, ready time, due date, service time';

/** The rows of numbers under a heading, up to the next text. */
function rowsUnder(lines: readonly Line[], heading: RegExp, faults: FaultList): Line[] {
  const at = lines.findIndex((line) => heading.test(line.text));
  const name = heading.source.replace(/[^A-Z]/g, '');
  if (at < 0) {
    faults.add(0, name, `is missing; add a line ${name} with its table`);
    return [];
  }
  const rows: Line[] = [];
  for (const line of lines.slice(at + 1)) {
    if (/^[A-Za-z]/.test(line.text) && !/^(nan|inf)/i.test(line.text)) {
      // the column names stand between the heading and its first row
      if (rows.length) break;
    } else if (line.text) rows.push(line);
  }
  if (rows.length === 0) faults.add(lines[at]!.number, name, 'has no rows; add them');
  return rows;
}

function checkRow(values: readonly number[], expected: number): string | undefined {
  if (values.length !== 7) return `needs 7 numbers (${COLUMNS}), has ${values.length}; correct the row`;
  const [number, , , demand, ready, due, service] = values as [number, number, number, number, number, number, number];
  if (number !== expected)
    return `is customer ${number} where ${expected} should be; sort the rows and number them from 0`;
  if (demand < 0 || service < 0) return `${demand < 0 ? demand : service} is below 0; give 0 or more`;
  return ready > due ? `ready time ${ready} is after due date ${due}; swap the two` : undefined;
}

function readVehicles(rows: readonly Line[], faults: FaultList): readonly [count: number, capacity: number] {
  const values = rows[0] && numbersOf(rows[0], 'VEHICLE', faults);
  const [count, capacity] = values ?? [1, 1];
  if (values && (values.length !== 2 || !Number.isInteger(count) || count! < 1 || !(capacity! >= 0)))
    faults.add(rows[0]!.number, 'VEHICLE', 'needs a number of vehicles and a capacity; correct the row');
  return [boundFleet(count ?? 1, rows[0]?.number ?? 0, 'VEHICLE', faults), capacity ?? 0];
}

/** Reads a file in the layout of Solomon (1987), which Gehring and Homberger kept: name, VEHICLE table, CUSTOMER table. */
export function readSolomon(text: string): SheetResult {
  const faults = createFaultList();
  const lines = linesOf(text);
  const [count, capacity] = readVehicles(rowsUnder(lines, /^VEHICLE\b/i, faults), faults);
  const rows = rowsUnder(lines, /^CUSTOMER\b/i, faults);
  const read: number[][] = [];
  for (const line of rows) {
    const values = numbersOf(line, 'CUSTOMER', faults);
    const wrong = values && checkRow(values, read.length);
    if (wrong) faults.add(line.number, 'CUSTOMER', wrong);
    // a place for every row, so that one wrong row is one fault
    read.push(wrong || !values ? [0, 0, 0, 0, 0, 0, 0] : values);
  }
  fits(read.length, rows[0]?.number ?? 0, 'CUSTOMER', faults);
  if (faults.faults.length) return { ok: false, faults: faults.faults };
  const depot: Depot = { node: 0, window: [read[0]![4]!, read[0]![5]!] };
  const customers = read.slice(1).map(([number, , , demand, ready, due, service]): Customer => ({
    node: number!,
    number: number!,
    demand: demand!,
    serviceTime: service!,
    window: [ready!, due!],
  }));
  const vehicle: SheetVehicle = { depot: 0, capacity };
  const length = (from: number, to: number): number => {
    const [dx, dy] = [read[from]![1]! - read[to]![1]!, read[from]![2]! - read[to]![2]!];
    return Math.sqrt(dx * dx + dy * dy);
  };
  return {
    ok: true,
    sheet: {
      name: lines.find((line) => line.text)!.text,
      format: 'solomon',
      nodes: read.length,
      length,
      depots: [depot],
      customers,
      vehicles: Array.from({ length: count }, () => vehicle),
      mixedFleet: false,
      reloadDepots: [],
      convention: 'real',
      notes: [],
    },
  };
}
