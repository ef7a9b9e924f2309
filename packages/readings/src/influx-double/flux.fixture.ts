/*
 * The few words of Flux that the adapter says, understood as InfluxDB understands them (the same conformance suite
 * runs against a real server). Whatever else is said throws, so that a new word is noticed.
 */
export type Cell = string | number | boolean | undefined;
export type FluxRow = Record<string, Cell>;
export interface Table {
  /** Columns of the group key. */
  group: string[];
  rows: FluxRow[];
}
/** Gives what a bucket holds, as `tablesOf` lays it out. */
export type Source = (bucket: string) => Table[];

type Value =
  string | number | boolean | { name: string } | { list: Value[] } | { fn: (r: FluxRow) => FluxRow | boolean };
interface Call {
  name: string;
  args: Map<string, Value>;
}

/** Runs a query; gives its results by their name. */
export function runFlux(query: string, source: Source): Map<string, Table[]> {
  const parser = createParser(query);
  const named = new Map<string, Table[]>();
  const results = new Map<string, Table[]>();
  while (!parser.isAtEnd()) {
    const assigned = parser.assignment();
    const calls = parser.pipe();
    let tables: Table[] = [];
    let result = '_result';
    for (const call of calls) {
      if (call.name === 'from') tables = source(textOf(call, 'bucket'));
      else if (call.name === '$') tables = named.get(textOf(call, 'name')) ?? [];
      else if (call.name === 'yield') result = textOf(call, 'name');
      else tables = apply(tables, call);
    }
    if (assigned) named.set(assigned, tables);
    else results.set(result, tables);
  }
  return results;
}

/** Lays rows, one per field of each point, out by series and field, oldest first. */
export function tablesOf(rows: FluxRow[]): Table[] {
  const groups = Map.groupBy(rows, (row) =>
    JSON.stringify(
      Object.entries(row)
        .filter(([key]) => key !== '_time' && key !== '_value')
        .sort(),
    ),
  );
  return [...groups.values()].map((of) => ({
    group: Object.keys(of[0]!).filter((key) => key !== '_time' && key !== '_value'),
    rows: of.sort(byTime),
  }));
}

const byTime = (a: FluxRow, b: FluxRow): number => Number(a['_time']) - Number(b['_time']);
const WORDS: Record<string, (tables: Table[], call: Call) => Table[]> = {
  range: (tables, call) => {
    const [start, stop] = [numberOf(call, 'start'), numberOf(call, 'stop')];
    return each(tables, (rows) => rows.filter((row) => Number(row['_time']) >= start && Number(row['_time']) < stop));
  },
  filter: (tables, call) => each(tables, (rows) => rows.filter((row) => fnOf(call)(row) === true)),
  map: (tables, call) => each(tables, (rows) => rows.map((row) => fnOf(call)(row) as FluxRow)),
  first: (tables) => each(tables, (rows) => rows.slice(0, 1)),
  last: (tables) => each(tables, (rows) => rows.slice(-1)),
  limit: (tables, call) => each(tables, (rows) => rows.slice(0, numberOf(call, 'n'))),
  sort: (tables, call) => {
    const columns = namesOf(call, 'columns');
    if (columns.join() !== '_time') throw new Error(`sort by ${columns.join()}`);
    const sign = call.args.get('desc') === true ? -1 : 1;
    return each(tables, (rows) => rows.toSorted((a, b) => sign * byTime(a, b)));
  },
  keep: (tables, call) => {
    const columns = new Set(namesOf(call, 'columns'));
    return tables.map(({ group, rows }) => ({
      group: group.filter((column) => columns.has(column)),
      rows: rows.map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => columns.has(column)))),
    }));
  },
  group: (tables) => [{ group: [], rows: tables.flatMap(({ rows }) => rows) }],
  count: (tables) => fold(tables, (values) => values.length),
  sum: (tables) => fold(tables, (values) => values.reduce((sum, value) => sum + value, 0)),
  pivot: (tables) => pivot(tables),
  aggregateWindow: (tables, call) => aggregateWindow(tables, call),
};

function apply(tables: Table[], call: Call): Table[] {
  const word = WORDS[call.name];
  if (!word) throw new Error(`undefined identifier ${call.name}`);
  return word(tables, call).filter(({ rows }) => rows.length > 0);
}

function each(tables: Table[], change: (rows: FluxRow[]) => FluxRow[]): Table[] {
  return tables.map(({ group, rows }) => ({ group, rows: change(rows) }));
}

function fold(tables: Table[], aggregate: (values: number[]) => number): Table[] {
  return tables.map(({ group, rows }) => {
    const key = Object.fromEntries(group.map((column) => [column, rows[0]?.[column]]));
    return {
      group,
      rows: rows.length > 0 ? [{ ...key, _value: aggregate(rows.map((row) => Number(row['_value']))) }] : [],
    };
  });
}

function pivot(tables: Table[]): Table[] {
  const merged = new Map<string, { group: string[]; rows: Map<number, FluxRow> }>();
  for (const { group, rows } of tables) {
    const rest = group.filter((column) => column !== '_field');
    for (const { _field, _value, ...row } of rows) {
      const key = JSON.stringify(rest.map((column) => [column, row[column]]));
      const table = merged.get(key) ?? { group: rest, rows: new Map<number, FluxRow>() };
      merged.set(key, table);
      const atMs = Number(row['_time']);
      table.rows.set(atMs, { ...row, ...table.rows.get(atMs), [String(_field)]: _value });
    }
  }
  return [...merged.values()].map(({ group, rows }) => ({ group, rows: [...rows.values()].sort(byTime) }));
}

const DURATIONS: Record<string, number> = { '1h': 3_600_000, '1d': 86_400_000 };
const FOLDS: Record<string, (values: number[]) => number> = {
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  count: (values) => values.length,
};

function aggregateWindow(tables: Table[], call: Call): Table[] {
  const everyMs = DURATIONS[nameOf(call, 'every')]!;
  const aggregate = FOLDS[nameOf(call, 'fn')]!;
  return each(tables, (rows) =>
    [...Map.groupBy(rows, (row) => Math.floor(Number(row['_time']) / everyMs) * everyMs)].map(([atMs, of]) => ({
      ...of[0],
      _time: atMs,
      _value: aggregate(of.map((row) => Number(row['_value']))),
    })),
  );
}

function textOf(call: Call, name: string): string {
  const value = call.args.get(name);
  if (typeof value !== 'string') throw new Error(`${call.name}: ${name} is no text`);
  return value;
}
function numberOf(call: Call, name: string): number {
  const value = call.args.get(name);
  if (typeof value !== 'number') throw new Error(`${call.name}: ${name} is no number`);
  return value;
}
function nameOf(call: Call, name: string): string {
  const value = call.args.get(name);
  if (typeof value !== 'object' || !('name' in value)) throw new Error(`${call.name}: ${name} is no name`);
  return value.name;
}
function namesOf(call: Call, name: string): string[] {
  const value = call.args.get(name);
  if (typeof value !== 'object' || !('list' in value)) throw new Error(`${call.name}: ${name} is no list`);
  return value.list.map(String);
}
function fnOf(call: Call): (r: FluxRow) => FluxRow | boolean {
  const value = call.args.get('fn');
  if (typeof value !== 'object' || !('fn' in value)) throw new Error(`${call.name}: fn is no function`);
  return value.fn;
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z_0-9]*)|(\|>|=>|==|[()[\]{},:.=]))/y;

/** Recursive descent over the tokens; a function becomes a closure over its expression. */
function createParser(text: string) {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const found = TOKEN.exec(text);
    if (!found) throw new Error(`invalid statement near ${text.slice(0, 80)}`);
    tokens.push(found.slice(1).find((part) => part !== undefined)!);
  }
  let at = 0;
  const peek = (offset = 0): string | undefined => tokens[at + offset];
  const take = (expected?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new Error(`expected ${expected ?? 'more'}, got ${token ?? 'the end'}`);
    return token;
  };
  const literal = (token: string): string => JSON.parse(token) as string;

  type Expression = (r: FluxRow) => Cell | FluxRow;
  const primary = (): Expression => {
    const token = take();
    if (token === '(') {
      const inner = either();
      take(')');
      return inner;
    }
    if (token === '{') return record();
    if (token.startsWith('"')) return () => literal(token);
    if (token === 'true' || token === 'false') return () => token === 'true';
    if (token === 'float') {
      take('(');
      take('v');
      take(':');
      const inner = either();
      take(')');
      return (r) => Number(inner(r));
    }
    if (token !== 'r') throw new Error(`undefined identifier ${token}`);
    take('.');
    const column = take();
    return (r) => r[column];
  };
  const record = (): Expression => {
    const parts: [string, Expression][] = [];
    while (peek() !== '}') {
      const name = take();
      take(':');
      parts.push([name, either()]);
      if (peek() === ',') take();
    }
    take('}');
    return (r) => Object.fromEntries(parts.map(([name, part]) => [name, part(r) as Cell]));
  };
  const equal = (): Expression => {
    const left = primary();
    if (peek() !== '==') return left;
    take();
    const right = primary();
    return (r) => left(r) === right(r);
  };
  const both = (): Expression => {
    let left = equal();
    while (peek() === 'and') {
      take();
      const [a, b] = [left, equal()];
      left = (r) => Boolean(a(r)) && Boolean(b(r));
    }
    return left;
  };
  function either(): Expression {
    let left = both();
    while (peek() === 'or') {
      take();
      const [a, b] = [left, both()];
      left = (r) => Boolean(a(r)) || Boolean(b(r));
    }
    return left;
  }
  const value = (): Value => {
    const token = take();
    if (token.startsWith('"')) return literal(token);
    if (token === 'true' || token === 'false') return token === 'true';
    if (token === '[') {
      const list: Value[] = [];
      while (peek() !== ']') {
        list.push(value());
        if (peek() === ',') take();
      }
      take(']');
      return { list };
    }
    if (token === '(') {
      for (const expected of ['r', ')', '=>']) take(expected);
      const body = either();
      return { fn: body as (r: FluxRow) => FluxRow | boolean };
    }
    if (token === 'time' || token === 'duration') {
      for (const expected of ['(', 'v', ':']) take(expected);
      const text = literal(take());
      take(')');
      return token === 'time' ? Date.parse(text) : { name: text };
    }
    if (/^-?\d+(\.\d+)?$/.test(token)) return Number(token);
    return { name: token };
  };
  const call = (): Call => {
    const name = take();
    if (peek() !== '(') return { name: '$', args: new Map([['name', name]]) };
    take('(');
    const args = new Map<string, Value>();
    while (peek() !== ')') {
      const key = take();
      take(':');
      args.set(key, value());
      if (peek() === ',') take();
    }
    take(')');
    return { name, args };
  };
  return {
    isAtEnd: () => at >= tokens.length,
    assignment(): string | undefined {
      if (peek(1) !== '=') return undefined;
      const name = take();
      take('=');
      return name;
    },
    pipe(): Call[] {
      const calls = [call()];
      while (peek() === '|>') {
        take();
        calls.push(call());
      }
      return calls;
    },
  };
}

/** Writes results as annotated CSV, as /api/v2/query answers. */
export function toCsv(results: Map<string, Table[]>): string {
  const blocks: string[] = [];
  for (const [name, tables] of results) {
    tables.forEach(({ rows }, index) => {
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
      const types = columns.map((column) => typeOf(column, rows));
      blocks.push(
        [
          ['#datatype', 'string', 'long', ...types],
          ['#group', 'false', 'false', ...columns.map(() => 'false')],
          ['#default', name, '', ...columns.map(() => '')],
          ['', 'result', 'table', ...columns],
          ...rows.map((row) => ['', '', String(index), ...columns.map((column) => cellText(column, row[column]))]),
        ]
          .map((cells) => cells.map(quoted).join(','))
          .join('\r\n'),
      );
    });
  }
  return `${blocks.join('\r\n\r\n')}\r\n\r\n`;
}

function typeOf(column: string, rows: FluxRow[]): string {
  if (column === '_time') return 'dateTime:RFC3339';
  const sample = rows.find((row) => row[column] !== undefined)?.[column];
  return typeof sample === 'number' ? 'double' : typeof sample === 'boolean' ? 'boolean' : 'string';
}

function cellText(column: string, cell: Cell): string {
  if (cell === undefined) return '';
  return column === '_time' ? new Date(Number(cell)).toISOString() : String(cell);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
