import type { Quantity, Reading, ReadingDifference, ReadingsDiff } from '@ronde/contracts';
import type { Change, UplinkDiff } from './diff-page.ts';
import { changeOf, measuredFlags, toDifference } from './differences.ts';

/** Adds up how readings differ, by quantity and with examples. */
export interface ReadingCounter {
  add(uplink: UplinkDiff): void;
  result(): Omit<ReadingsDiff, 'kept'>;
}

const EXAMPLES_MOST = 100;
const EXAMPLES_EACH = 10;

interface Line {
  same: number;
  added: number;
  changed: number;
  removed: number;
  before: Mean;
  after: Mean;
}
interface Both {
  before: number;
  after: number;
}
interface Mean {
  sum: number;
  count: number;
}

export function createReadingCounter(): ReadingCounter {
  const lines = new Map<Quantity, Line>();
  const examples: ReadingDifference[] = [];
  const lineOf = (quantity: Quantity): Line => {
    const known = lines.get(quantity);
    if (known) return known;
    const line: Line = { same: 0, added: 0, changed: 0, removed: 0, before: NONE(), after: NONE() };
    lines.set(quantity, line);
    return line;
  };
  const qualities = new Map<Reading['quality'], Both>();
  const flags = new Map<Reading['flags'][number], Both>();
  function mark(reading: Reading | null, side: keyof Both): void {
    if (!reading) return;
    countIn(qualities, reading.quality, side);
    for (const flag of measuredFlags(reading)) countIn(flags, flag, side);
  }
  function note(change: Change): void {
    const { was, now } = change;
    const line = lineOf((now ?? was)!.quantity);
    const verb = changeOf(change);
    const isShown = line[verb] < EXAMPLES_EACH && examples.length < EXAMPLES_MOST;
    line[verb] += 1;
    take(line.before, was);
    take(line.after, now);
    mark(was, 'before');
    mark(now, 'after');
    if (isShown) examples.push(toDifference(change));
  }
  return {
    add({ after, changes }) {
      const differing = new Set(changes.map(({ now }) => now));
      for (const reading of after) if (!differing.has(reading)) lineOf(reading.quantity).same += 1;
      changes.forEach(note);
    },
    result() {
      const byQuantity = [...lines].map(([quantity, { before, after, ...counts }]) => {
        return { quantity, ...counts, meanBefore: meanOf(before), meanAfter: meanOf(after) };
      });
      const total = (key: 'same' | 'added' | 'changed' | 'removed'): number =>
        byQuantity.reduce((sum, line) => sum + line[key], 0);
      return {
        same: total('same'),
        added: total('added'),
        changed: total('changed'),
        removed: total('removed'),
        byQuantity: byQuantity.sort((a, b) => (a.quantity < b.quantity ? -1 : 1)),
        byQuality: [...qualities].map(([quality, both]) => ({ quality, ...both })),
        byFlag: [...flags].map(([flag, both]) => ({ flag, ...both })),
        examples,
      };
    },
  };
}

const NONE = (): Mean => ({ sum: 0, count: 0 });

function countIn<K>(counts: Map<K, Both>, key: K, side: keyof Both): void {
  const both = counts.get(key) ?? { before: 0, after: 0 };
  both[side] += 1;
  counts.set(key, both);
}

function take(mean: Mean, reading: Reading | null): void {
  if (!reading || reading.value === null || reading.quality === 'invalid') return;
  mean.sum += reading.value;
  mean.count += 1;
}

function meanOf({ sum, count }: Mean): number | null {
  return count === 0 ? null : sum / count;
}
