import type { Quantity } from '@ronde/contracts';

/** What yes/no states are called; words that differ between quantities stand with them. */
const YES = ['true', 'yes', 'on', '1', 'active', 'alarm', 'ja', 'aan'];
const NO = ['false', 'no', 'off', '0', 'inactive', 'normal', 'no alarm', 'ok', 'nee', 'uit'];
const WORDS: Partial<Record<Quantity, { yes: string[]; no: string[] }>> = {
  tilt: { yes: ['tilt', 'tilted'], no: ['upright', 'not tilted'] },
  lidOpen: { yes: ['open', 'opened'], no: ['closed', 'close', 'shut'] },
  doorOpen: { yes: ['open', 'opened'], no: ['closed', 'close', 'shut'] },
  occupancy: { yes: ['occupied', 'busy'], no: ['vacant', 'free', 'unoccupied'] },
  motion: { yes: ['motion', 'detected', 'triggered'], no: ['no motion', 'none'] },
  fullAlarm: { yes: ['full'], no: ['not full'] },
  fireAlarm: { yes: ['fire'], no: ['no fire'] },
  batteryLow: { yes: ['low'], no: ['good', 'high'] },
  waterLeak: { yes: ['leak', 'wet', 'leaking'], no: ['no leak', 'dry'] },
};

/** Reads the word for a yes/no state as 1 or 0; undefined when it is not plain which one is meant. */
export function stateOf(quantity: Quantity, word: string): number | undefined {
  const plain = word.trim().toLowerCase();
  const own = WORDS[quantity];
  if (YES.includes(plain) || own?.yes.includes(plain)) return 1;
  return NO.includes(plain) || own?.no.includes(plain) ? 0 : undefined;
}
