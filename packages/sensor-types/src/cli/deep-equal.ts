const TOLERANCE = 1e-6;

/** Compares decoded data: absent, null and NaN are the same, numbers within 1e-6 (relative above 1). */
export function decodedEqual(a: unknown, b: unknown): boolean {
  return differenceOf(a, b, '') === undefined;
}

/** Names the first place where two decoded values differ; undefined when they agree. */
export function differenceOf(expected: unknown, actual: unknown, path = ''): string | undefined {
  const a = asNull(expected);
  const b = asNull(actual);
  if (typeof a === 'number' && typeof b === 'number') return near(a, b) ? undefined : tell(path, a, b);
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') {
    return a === b || (a === ANY_TIME && isTime(b)) ? undefined : tell(path, a, b);
  }
  if (Array.isArray(a) !== Array.isArray(b)) return tell(path, a, b);
  if (Array.isArray(a) && a.length !== (b as unknown[]).length)
    return tell(`${path}.length`, a.length, (b as unknown[]).length);
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = differenceOf(left[key], right[key], path === '' ? key : `${path}.${key}`);
    if (found) return found;
  }
  return undefined;
}

function asNull(value: unknown): unknown {
  return value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? null : value;
}

/** How the ThingPark device catalogue writes a time that changes from run to run. */
const ANY_TIME = 'XXXX-XX-XXTXX:XX:XX.XXXZ';

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a));
}

function tell(path: string, expected: unknown, actual: unknown): string {
  const show = (value: unknown) => (JSON.stringify(value) ?? 'undefined').slice(0, 120);
  return `${path || 'value'}: expected ${show(expected)}, got ${show(actual)}`;
}
