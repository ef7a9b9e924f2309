/**
 * Readings inside the store, column by column; `sorted` ones are in order of (series, at).
 * An uplink's id is a prefix and a number: what imports and network servers make ends in a counter.
 */
export interface Rows {
  series: Uint32Array;
  mounting: Uint32Array;
  type: Uint32Array;
  /** Place in `prefixes`. */
  prefix: Uint32Array;
  marks: Float64Array;
  atMs: Float64Array;
  /** Receipt minus measurement. */
  delayMs: Float64Array;
  /** NaN = no value. */
  value: Float64Array;
  /** −1 = the prefix is the whole id. */
  uplink: Float64Array;
  prefixes: string[];
}

const NARROW = ['series', 'mounting', 'type', 'prefix'] as const;
const WIDE = ['atMs', 'delayMs', 'value', 'marks', 'uplink'] as const;
export const ROW_BYTES = NARROW.length * 4 + WIDE.length * 8;

export function emptyRows(n: number, prefixes: string[] = ['']): Rows {
  return rowsOver(new ArrayBuffer(n * ROW_BYTES), n, prefixes);
}

/** Lays the columns over one buffer, wide ones first so that each starts at a multiple of its width. */
function rowsOver(buffer: ArrayBuffer, n: number, prefixes: string[]): Rows {
  const rows = { prefixes } as Rows;
  WIDE.forEach((name, i) => (rows[name] = new Float64Array(buffer, i * n * 8, n)));
  NARROW.forEach((name, i) => (rows[name] = new Uint32Array(buffer, WIDE.length * n * 8 + i * n * 4, n)));
  return rows;
}

/** Gives rows as bytes: a segment's form on disk. */
export function packRows(unpruned: Rows): Uint8Array {
  const rows = prunePrefixes(unpruned);
  const n = rows.atMs.length;
  const prefixes = rows.prefixes.length > 1 ? new TextEncoder().encode(JSON.stringify(rows.prefixes)) : undefined;
  const bytes = new Uint8Array(n * ROW_BYTES + (prefixes?.length ?? 0));
  const packed = rowsOver(bytes.buffer, n, rows.prefixes);
  for (const name of WIDE) packed[name].set(rows[name]);
  for (const name of NARROW) packed[name].set(rows[name]);
  if (prefixes) bytes.set(prefixes, n * ROW_BYTES);
  return bytes;
}

/** Gives back what `packRows` made of n rows. */
export function unpackRows(bytes: Uint8Array, n: number): Rows {
  const aligned = bytes.byteOffset === 0 ? bytes : bytes.slice();
  const tail = bytes.subarray(n * ROW_BYTES);
  const prefixes = tail.length > 0 ? (JSON.parse(new TextDecoder().decode(tail)) as string[]) : [''];
  return rowsOver(aligned.buffer as ArrayBuffer, n, prefixes);
}

/** Leaves out the prefixes that no row uses any more, and numbers the others anew. */
export function prunePrefixes(rows: Rows): Rows {
  if (rows.prefixes.length === 1) return rows;
  const places = new Map([[0, 0]]);
  const prefix = rows.prefix.map((old) => {
    const place = places.get(old) ?? places.size;
    places.set(old, place);
    return place;
  });
  return { ...rows, prefix, prefixes: Array.from(places.keys(), (old) => rows.prefixes[old]!) };
}

/** Copies the rows at these places, in their order. */
export function takeRows(rows: Rows, places: Uint32Array): Rows {
  const n = places.length;
  const taken = emptyRows(n, rows.prefixes);
  for (const name of WIDE) {
    const from = rows[name];
    const to = taken[name];
    for (let i = 0; i < n; i++) to[i] = from[places[i]!]!;
  }
  for (const name of NARROW) {
    const from = rows[name];
    const to = taken[name];
    for (let i = 0; i < n; i++) to[i] = from[places[i]!]!;
  }
  return taken;
}

/** Shows a stretch of rows without copying. */
export function sliceRows(rows: Rows, from: number, to: number): Rows {
  const slice = { prefixes: rows.prefixes } as Rows;
  for (const name of WIDE) slice[name] = rows[name].subarray(from, to);
  for (const name of NARROW) slice[name] = rows[name].subarray(from, to);
  return slice;
}

/** Puts rows behind each other; the prefixes get common numbers. */
export function joinRows(parts: readonly Rows[]): Rows {
  if (parts.length === 1) return parts[0]!;
  const joined = emptyRows(parts.reduce((sum, part) => sum + part.atMs.length, 0));
  const places = new Map([['', 0]]);
  let at = 0;
  for (const part of parts) {
    for (const name of WIDE) joined[name].set(part[name], at);
    for (const name of NARROW) joined[name].set(part[name], at);
    const moved = part.prefixes.map((text) => {
      const known = places.get(text);
      if (known !== undefined) return known;
      places.set(text, joined.prefixes.length);
      return joined.prefixes.push(text) - 1;
    });
    const end = at + part.atMs.length;
    if (moved.some((place, i) => place !== i))
      for (let i = at; i < end; i++) joined.prefix[i] = moved[joined.prefix[i]!]!;
    at = end;
  }
  return joined;
}

/** Gives the places of rows in order of (series, at); equal ones keep their order. */
export function seriesOrder({ series, atMs }: Pick<Rows, 'series' | 'atMs'>): Uint32Array {
  const n = series.length;
  // series and place in one number: sorting plain numbers is several times faster than by a function
  const order = Uint32Array.from(Float64Array.from(series, (one, i) => one * n + i).sort(), (both) => both % n);
  // rows mostly come in order of time; the stretches of series with late ones are sorted by it
  const compare = (a: number, b: number): number => atMs[a]! - atMs[b]! || a - b;
  let from = 0;
  while (from < n) {
    const one = series[order[from]!]!;
    let inTime = true;
    let to = from + 1;
    while (to < n && series[order[to]!] === one) {
      inTime &&= atMs[order[to - 1]!]! <= atMs[order[to]!]!;
      to += 1;
    }
    if (!inTime) order.subarray(from, to).sort(compare);
    from = to;
  }
  return order;
}

/** Puts rows in order of (series, at). */
export function sortRows(rows: Rows): Rows {
  return takeRows(rows, seriesOrder(rows));
}

/** Finds the first place of sorted rows at or behind (series, at). */
export function lowerBound({ series, atMs }: Rows, wanted: number, wantedAtMs: number): number {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const one = series[middle]!;
    if (one < wanted || (one === wanted && atMs[middle]! < wantedAtMs)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds the place of (series, at) in sorted rows; −1 when it is not there. */
export function findRow(rows: Rows, series: number, atMs: number): number {
  const place = lowerBound(rows, series, atMs);
  return rows.series[place] === series && rows.atMs[place] === atMs ? place : -1;
}
