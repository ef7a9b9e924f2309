import type { Customer, Depot, SheetVehicle } from './sheet.ts';
import type { SheetResult } from './sheet-instance.ts';
import { boundFleet, createFaultList, fits, linesOf, numbersOf } from './text-lines.ts';
import type { FaultList, Line } from './text-lines.ts';

/** Problem types of Cordeau's files that are read: 0 VRP, 2 MDVRP, 4 VRPTW, 6 MDVRPTW. */
const TYPES = [0, 2, 4, 6];

interface Row {
  readonly line: Line;
  readonly values: readonly number[];
}

interface Head {
  readonly type: number;
  readonly perDepot: number;
  readonly customers: number;
  readonly depots: number;
}

function readHead(row: Row | undefined, faults: FaultList): Head | undefined {
  const at = row?.line.number ?? 1;
  const [type, perDepot, customers, depots] = row?.values ?? [];
  const whole = [type, perDepot, customers, depots].every((value) => Number.isInteger(value) && value! >= 0);
  if (!whole || row!.values.length !== 4) {
    faults.add(at, 'type m n t', 'needs four whole numbers: type, vehicles per depot, customers, depots');
    return undefined;
  }
  if (!TYPES.includes(type!)) {
    const why = 'is periodic or site-dependent and not read in this layout; give type 0, 2, 4 or 6, or a vrplib file';
    faults.add(at, 'type m n t', `type ${type} ${why}`);
    return undefined;
  }
  if (perDepot === 0) faults.add(at, 'type m n t', 'has no vehicles; give m of 1 or more');
  boundFleet(perDepot! * Math.max(1, depots!), at, 'type m n t', faults);
  if (depots === 0) faults.add(at, 'type m n t', 'has no depots; give t of 1 or more');
  if (!fits(customers! + depots!, at, 'type m n t', faults)) return undefined;
  return { type: type!, perDepot: perDepot!, customers: customers!, depots: depots! };
}

/** A row is "i x y d q f a list [e l]"; windows, where the type has them, stand last. */
function checkNode(values: readonly number[], expected: number, timed: boolean): string | undefined {
  const listed = values[6] ?? 0;
  const least = (values.length <= 7 ? values.length : 7 + listed) + 0;
  if (values.length < 5) return `needs at least number, x, y, service time and demand, has ${values.length} numbers`;
  if (values[0] !== expected)
    return `is node ${values[0]} where ${expected} should be; sort the rows and number them from 1`;
  const negative = [values[3]!, values[4]!].find((value) => value < 0);
  if (negative !== undefined) return `${negative} is below 0; give 0 or more`;
  if (!timed) return undefined;
  if (values.length < least + 2) return 'has no time window; add its two numbers at the end';
  const [open, close] = values.slice(-2) as [number, number];
  return open > close ? `opens at ${open}, after it closes at ${close}; swap the two` : undefined;
}

function readNodes(rows: readonly Row[], { type, customers, depots }: Head, faults: FaultList): void {
  const [first, count] = [1 + depots, customers + depots];
  if (rows.length < first + count) {
    const message = `the file ends after ${Math.max(0, rows.length - first)} of ${count} nodes; add the rest`;
    faults.add(rows.at(-1)!.line.number, 'nodes', message);
  }
  if (rows.length > first + count)
    faults.add(rows[first + count]!.line.number, 'nodes', `comes after the last of ${count} nodes; correct n and t`);
  for (const [index, { line, values }] of rows.slice(first, first + count).entries()) {
    const wrong = checkNode(values, index + 1, type === 4 || type === 6);
    if (wrong) faults.add(line.number, 'nodes', wrong);
  }
}

/** One line "D Q" for each depot: longest duration and capacity, 0 meaning no limit. */
function readVehicles(rows: readonly Row[], head: Head, faults: FaultList): SheetVehicle[] {
  return Array.from({ length: head.depots }, (_, depot) => {
    const row = rows[1 + depot];
    const [maxDuration, capacity] = row?.values ?? [];
    if (row?.values.length !== 2 || maxDuration! < 0 || capacity! < 0)
      faults.add(row?.line.number ?? 1, 'D Q', 'needs a longest duration and a capacity, each 0 or more (0: no limit)');
    return { depot, ...(maxDuration ? { maxDuration } : {}), ...(capacity ? { capacity } : {}) };
  }).flatMap((vehicle) => Array.from({ length: head.perDepot }, () => vehicle));
}

/**
 * Reads a file in Cordeau's layout: "type m n t", t lines "D Q", then n customers and t depots.
 * Every depot has m vehicles of its own, numbered through from the first depot's.
 */
export function readCordeau(text: string): SheetResult {
  const faults = createFaultList();
  const rows = linesOf(text)
    .filter((line) => line.text)
    .map((line): Row => ({ line, values: numbersOf(line, 'numbers', faults) ?? [] }));
  const head = faults.faults.length ? undefined : readHead(rows[0], faults);
  if (!head) return { ok: false, faults: faults.faults };
  if (faults.faults.length) return { ok: false, faults: faults.faults };
  const vehicles = readVehicles(rows, head, faults);
  readNodes(rows, head, faults);
  if (faults.faults.length) return { ok: false, faults: faults.faults };
  const timed = head.type === 4 || head.type === 6;
  const nodes = rows.slice(1 + head.depots).map((row) => row.values);
  const windowOf = (values: readonly number[]): { window?: readonly [number, number] } =>
    timed ? { window: [values.at(-2)!, values.at(-1)!] } : {};
  const customers = nodes.slice(0, head.customers).map((values, node): Customer => ({
    node,
    number: node + 1,
    demand: values[4]!,
    serviceTime: values[3]!,
    ...windowOf(values),
  }));
  const depots = nodes
    .slice(head.customers)
    .map((values, i): Depot => ({ node: head.customers + i, ...windowOf(values) }));
  return {
    ok: true,
    sheet: {
      name: '',
      format: 'cordeau',
      nodes: nodes.length,
      length: (from, to) => Math.hypot(nodes[from]![1]! - nodes[to]![1]!, nodes[from]![2]! - nodes[to]![2]!),
      depots,
      customers,
      vehicles,
      mixedFleet: new Set(vehicles.map(({ maxDuration, capacity }) => `${maxDuration}/${capacity}`)).size > 1,
      reloadDepots: [],
      convention: 'real',
      notes: [],
    },
  };
}
