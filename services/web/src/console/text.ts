import type { DeadLetter, UplinkTrace } from '@ronde/contracts';
import { defineMessages } from '../shared/i18n/messages.ts';
import { en } from './en.ts';
import { nl } from './nl.ts';

/** Text of the console, in the reader's language. */
export const t = defineMessages(nl, en);

const OUTCOME_KEYS = {
  stored: 'outcome_stored',
  duplicate: 'outcome_duplicate',
  'dead-letter': 'outcome_deadLetter',
  event: 'outcome_event',
  ignored: 'outcome_ignored',
} as const satisfies Record<UplinkTrace['outcome'], keyof typeof nl>;

export const outcomeName = (outcome: UplinkTrace['outcome']): string => t(OUTCOME_KEYS[outcome]);
export const codeName = (code: DeadLetter['code']): string => t(`code_${code}`);
