import type { Moment } from '../port.ts';
import { isOpen, readHours } from './opening-hours.ts';

/**
 * Conditional restrictions, in the part of the grammar that streets use: `value @ (condition)`, several after `;`, and in a
 * condition, joined by AND: opening hours as in `opening-hours.ts`, a comparison of the vehicle (`weight>7.5`, in the units
 * of the tags), or a purpose that collection vehicles have (`destination`, `delivery`). A condition of another kind (snow,
 * wet, permits) never holds.
 * @see https://wiki.openstreetmap.org/wiki/Conditional_restrictions
 */
export interface Clause {
  value: string;
  /** All must hold. */
  conditions: Condition[];
}

type Condition =
  | { kind: 'hours'; hours: NonNullable<ReturnType<typeof readHours>> }
  | { kind: 'size'; of: Size; than: number; relation: '<' | '<=' | '>' | '>=' }
  | { kind: 'always' }
  | { kind: 'unknown' };

const SIZES = ['weight', 'axleload', 'height', 'width', 'length'] as const;
type Size = (typeof SIZES)[number];

/** What a vehicle measures, in the units that tags mean: tonnes and metres. */
export type Sizes = Record<Size, number>;

const PURPOSES = new Set(['destination', 'delivery', 'delivery and destination', 'loading', 'hgv', 'motor_vehicle']);

const cache = new Map<string, Clause[]>();

/** Reads the value of a `…:conditional` tag; parts that cannot be read are conditions that never hold. */
export function readConditional(text: string): Clause[] {
  let clauses = cache.get(text);
  if (!clauses) cache.set(text, (clauses = splitClauses(text).flatMap(readClause)));
  return clauses;
}

/**
 * Gives the value whose condition holds; the last one wins, as the grammar says. Without a moment no condition about time
 * holds: callers who plan for any hour ask for each in turn.
 */
export function valueThatHolds(
  clauses: Clause[],
  sizes: Sizes | undefined,
  at: Moment | undefined,
): string | undefined {
  return clauses.findLast(({ conditions }) => conditions.every((condition) => holds(condition, sizes, at)))?.value;
}

/** Gives the minutes of the day at which a condition may change, and whether time matters at all. */
export function changesOf(clauses: Clause[]): number[] {
  return clauses.flatMap(({ conditions }) =>
    conditions.flatMap((condition) =>
      condition.kind === 'hours' ? condition.hours.flatMap(({ from, to }) => [from, to % 1440]) : [],
    ),
  );
}

/** Tells whether a conditional tag holds parts that are not understood. */
export function hasUnknown(clauses: Clause[]): boolean {
  return clauses.some(({ conditions }) => conditions.some(({ kind }) => kind === 'unknown'));
}

function holds(condition: Condition, sizes: Sizes | undefined, at: Moment | undefined): boolean {
  if (condition.kind === 'always') return true;
  if (condition.kind === 'unknown') return false;
  if (condition.kind === 'hours') return at !== undefined && isOpen(condition.hours, at);
  if (!sizes) return false;
  const size = sizes[condition.of];
  if (condition.relation === '<') return size < condition.than;
  if (condition.relation === '<=') return size <= condition.than;
  if (condition.relation === '>') return size > condition.than;
  return size >= condition.than;
}

/** Semicolons separate clauses, but not inside the brackets of one. */
function splitClauses(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const sign of text) {
    if (sign === '(') depth++;
    if (sign === ')') depth--;
    if (sign === ';' && depth === 0) parts.push('');
    else parts[parts.length - 1] += sign;
  }
  return parts.map((part) => part.trim()).filter(Boolean);
}

function readClause(text: string): Clause[] {
  const [value = '', ...rest] = text.split('@');
  const condition = rest.join('@').trim();
  if (condition === '') return [];
  const inner = /^\((.*)\)$/.exec(condition)?.[1] ?? condition;
  return [{ value: value.trim(), conditions: inner.split(/\s+AND\s+/i).map(readCondition) }];
}

function readCondition(text: string): Condition {
  const trimmed = text.trim();
  if (PURPOSES.has(trimmed.toLowerCase())) return { kind: 'always' };
  const [, of, relation, number] = /^(\w+)\s*(<=|>=|<|>)\s*([\d.]+)/.exec(trimmed) ?? [];
  const size = SIZES.find((name) => name === of);
  if (size && number) return { kind: 'size', of: size, than: Number(number), relation: relation as '<' };
  const hours = readHours(trimmed);
  return hours ? { kind: 'hours', hours } : { kind: 'unknown' };
}
