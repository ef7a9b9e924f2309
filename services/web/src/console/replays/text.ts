import { defineMessages } from '../../shared/i18n/messages.ts';
import { en } from './en.ts';
import { nl } from './nl.ts';

/** Text of replays, in the reader's language. */
export const t = defineMessages(nl, en);
