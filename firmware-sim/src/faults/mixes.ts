import { FAULT_NAMES, type FaultMix, type FaultName } from './model.ts';

const all = (factor: number): FaultMix => Object.fromEntries(FAULT_NAMES.map((name) => [name, factor]));

/** Rates as measured on 77 sensors over a year; what was not seen there is off, what nobody measured too. */
const FRANKFURT: FaultMix = {
  overfill: 1,
  surge: 1,
  'partial-emptying': 1,
  collapse: 1,
  tilt: 1,
  'lid-open': 1,
  drift: 1,
  noise: 1,
  ghost: 1,
  spike: 1,
  'blind-zone': 1,
  quantisation: 1,
  stuck: 1,
  sentinel: 1,
  int8: 1,
  jitter: 1,
  battery: 0.2,
  counter: 1,
  loss: 1,
  outage: 1,
  duplicate: 1,
};

/** A city that works: everything happens, the worst of it seldom. */
const CITY: FaultMix = {
  ...all(1),
  noise: 0.6,
  ghost: 0.5,
  quantisation: 0.33,
  int8: 0.1,
  'no-clock': 0.1,
  'wrong-clock': 0.02,
  counter: 0.05,
  duplicate: 30,
  swap: 0.02,
  fire: 0.5,
  firmware: 0.02,
  'abp-reset': 0.5,
};

/** Everything at once and more often than anybody should meet it: for testing detectors and pipelines. */
const HARD: FaultMix = {
  ...all(3),
  loss: 1.5,
  noise: 1.5,
  quantisation: 0.6,
  int8: 0.3,
  'no-clock': 0.3,
  'wrong-clock': 0.2,
  counter: 0.5,
  duplicate: 150,
  'late-copy': 10,
  'out-of-order': 10,
};

/** Mixes by name. */
export const FAULT_MIXES: Readonly<Record<string, FaultMix>> = {
  none: {},
  city: CITY,
  frankfurt: FRANKFURT,
  hard: HARD,
  all: all(1),
};

/**
 * Reads a mix: a name, or faults with commas between them, each with a factor if wanted: `loss,spike=3`.
 * @returns the mix, or the word that is none
 */
export function readFaultMix(text: string): { ok: true; value: FaultMix } | { ok: false; word: string } {
  const named = FAULT_MIXES[text.trim()];
  if (named) return { ok: true, value: named };
  const mix: FaultMix = {};
  for (const word of text.split(',').map((part) => part.trim())) {
    const [name = '', factor = '1'] = word.split('=');
    const value = Number(factor);
    if (!(FAULT_NAMES as readonly string[]).includes(name) || !(value >= 0 && value <= 1_000))
      return { ok: false, word };
    mix[name as FaultName] = value;
  }
  return { ok: true, value: mix };
}
