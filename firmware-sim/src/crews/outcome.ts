import type { CrewEvent } from '@ronde/contracts';
import type { Rng } from '../rng.ts';

/** How a stop ends. */
export interface Outcome {
  kind: 'emptied' | 'skipped' | 'problem';
  reason?: CrewEvent['reason'];
  note?: string;
  /** The crew found it heaped and said so. */
  overflowed?: boolean;
  /** Share that stayed behind. */
  left?: number;
}

const REASONS = [
  ['blocked', 5],
  ['closed', 2],
  ['no-time', 2],
  ['not-full', 1],
] as const;
const NOTES = [
  'Klep klemt, gemeld bij onderhoud.',
  'Slot kapot.',
  'Grofvuil naast de container.',
  'Hefhaak verbogen.',
  'Glas op straat, extra schoongemaakt.',
  'Sensor hangt los.',
];
const SKIPPED = 0.03;
const PROBLEM = 0.01;
const NEARLY_EMPTY = 0.12;

/** Decides how a stop ends, given how full the bin really is. */
export function chooseOutcome(level: number, rng: Rng): Outcome {
  if (level < NEARLY_EMPTY && rng.chance(0.15)) return { kind: 'skipped', reason: 'not-full' };
  if (rng.chance(SKIPPED)) return { kind: 'skipped', reason: rng.weighted(REASONS) };
  if (rng.chance(PROBLEM)) return { kind: 'problem', note: rng.pick(NOTES) };
  return {
    kind: 'emptied',
    ...(level > 1.05 && rng.chance(0.3) && { overflowed: true }),
    ...(rng.chance(0.02) && { left: rng.between(0.05, 0.25) }),
  };
}
