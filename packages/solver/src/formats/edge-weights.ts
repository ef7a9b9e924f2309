import type { Document } from './vrplib-document.ts';
import { readRows, readStream } from './vrplib-rows.ts';
import type { FaultList } from './text-lines.ts';

type Point = readonly number[];
type Length = (from: number, to: number) => number;

/** TSPLIB 95 §2.4: degrees and minutes as DDD.MM to radians, with its own value of pi. */
function geoRadians(value: number): number {
  const degrees = Math.trunc(value);
  return (3.141592 * (degrees + (5 * (value - degrees)) / 3)) / 180;
}

/** TSPLIB 95 §2.4: kilometres on an idealised sphere, whole numbers. */
function geo([x1, y1]: Point, [x2, y2]: Point): number {
  const [lat1, lon1, lat2, lon2] = [geoRadians(x1!), geoRadians(y1!), geoRadians(x2!), geoRadians(y2!)];
  const q1 = Math.cos(lon1 - lon2);
  const q2 = Math.cos(lat1 - lat2);
  const q3 = Math.cos(lat1 + lat2);
  return Math.trunc(6378.388 * Math.acos(0.5 * ((1 + q1) * q2 - (1 - q1) * q3)) + 1);
}

/** TSPLIB 95 §2.5: pseudo-Euclidean, whole numbers, rounded up after rounding. */
function att([x1, y1]: Point, [x2, y2]: Point): number {
  return Math.ceil(Math.sqrt(((x1! - x2!) ** 2 + (y1! - y2!) ** 2) / 10));
}

const euclid = (a: Point, b: Point): number => Math.hypot(...a.map((value, k) => value - b[k]!));
const plane = ([x1, y1]: Point, [x2, y2]: Point): number =>
  Math.sqrt((x1! - x2!) * (x1! - x2!) + (y1! - y2!) * (y1! - y2!));

/** Lengths between coordinates, by EDGE_WEIGHT_TYPE. */
const BY_COORDINATES: Readonly<Record<string, (a: Point, b: Point) => number>> = {
  EUC_2D: plane,
  EUC_3D: euclid,
  CEIL_2D: (a, b) => Math.ceil(plane(a, b)),
  FLOOR_2D: (a, b) => Math.floor(plane(a, b)),
  MAN_2D: ([x1, y1], [x2, y2]) => Math.abs(x1! - x2!) + Math.abs(y1! - y2!),
  MAX_2D: ([x1, y1], [x2, y2]) => Math.max(Math.abs(x1! - x2!), Math.abs(y1! - y2!)),
  GEO: geo,
  ATT: att,
};

/** Which pairs a format lists, row by row: the columns of row i of n. */
const EXPLICIT: Readonly<Record<string, (i: number, n: number) => readonly [first: number, end: number]>> = {
  FULL_MATRIX: (_, n) => [0, n],
  UPPER_ROW: (i, n) => [i + 1, n],
  UPPER_DIAG_ROW: (i, n) => [i, n],
  LOWER_ROW: (i) => [0, i],
  LOWER_DIAG_ROW: (i) => [0, i + 1],
};

/** Column formats list the same numbers as the other triangle by rows. */
const SAME_AS: Readonly<Record<string, string>> = {
  UPPER_COL: 'LOWER_ROW',
  UPPER_DIAG_COL: 'LOWER_DIAG_ROW',
  LOWER_COL: 'UPPER_ROW',
  LOWER_DIAG_COL: 'UPPER_DIAG_ROW',
};

/** Fills the matrix from a stream of numbers: where lines break says nothing (TSPLIB 95 §1.2). */
function readExplicit(document: Document, n: number, faults: FaultList): Length {
  const stated = document.headers.get('EDGE_WEIGHT_FORMAT');
  const format = stated?.text ?? '';
  const columns = EXPLICIT[SAME_AS[format] ?? format];
  const known = [...Object.keys(EXPLICIT), ...Object.keys(SAME_AS)].join(', ');
  const none: Length = () => 0;
  if (!columns) {
    faults.add(stated?.number ?? 0, 'EDGE_WEIGHT_FORMAT', `${format || 'nothing'} is not read; give one of ${known}`);
    return none;
  }
  const section = document.sections.get('EDGE_WEIGHT_SECTION');
  if (!section) {
    faults.add(0, 'EDGE_WEIGHT_SECTION', 'is missing; add the matrix, or an EDGE_WEIGHT_TYPE with coordinates');
    return none;
  }
  const before = faults.faults.length;
  const stream = readStream(document, 'EDGE_WEIGHT_SECTION', faults);
  if (faults.faults.length > before) return none;
  const matrix = new Float64Array(n * n);
  let next = 0;
  for (let i = 0; i < n; i++) {
    const [first, end] = columns(i, n);
    for (let j = first; j < end; j++, next++) {
      matrix[i * n + j] = stream[next] ?? 0;
      if (format !== 'FULL_MATRIX') matrix[j * n + i] = stream[next] ?? 0;
    }
    // whatever stands on the diagonal, a truck is already there
    matrix[i * n + i] = 0;
  }
  if (next !== stream.length) {
    const message = `has ${stream.length} numbers, ${format} of ${n} places has ${next}; correct the matrix or DIMENSION`;
    faults.add(section.endsAt, 'EDGE_WEIGHT_SECTION', message);
  }
  const negative = stream.findIndex((value) => value < 0);
  if (negative >= 0) faults.add(section.at, 'EDGE_WEIGHT_SECTION', `number ${negative + 1} is below 0; give 0 or more`);
  return (from, to) => matrix[from * n + to]!;
}

/** Makes the length between two nodes from coordinates or an explicit matrix. */
export function readLengths(document: Document, n: number, faults: FaultList): Length {
  const stated = document.headers.get('EDGE_WEIGHT_TYPE');
  const type = stated?.text ?? (document.sections.has('EDGE_WEIGHT_SECTION') ? 'EXPLICIT' : 'EUC_2D');
  if (type === 'EXPLICIT') return readExplicit(document, n, faults);
  const between = BY_COORDINATES[type];
  if (!between) {
    const known = [...Object.keys(BY_COORDINATES), 'EXPLICIT'].join(', ');
    faults.add(stated!.number, 'EDGE_WEIGHT_TYPE', `${type} is not read; give one of ${known}`);
    return () => 0;
  }
  const width = type === 'EUC_3D' ? 3 : 2;
  const points = readRows(document, 'NODE_COORD_SECTION', { of: 'node', count: n, width, signed: true }, faults);
  if (!points) faults.add(0, 'NODE_COORD_SECTION', `is missing; add it, or an EDGE_WEIGHT_TYPE of EXPLICIT`);
  return (from, to) => (from === to ? 0 : between(points![from]!, points![to]!));
}
