import { defineMessages } from '../../shared/i18n/messages.ts';
import { en } from './en.ts';
import { nl } from './nl.ts';

/** Text of the sensor types and their versions, in the reader's language. */
export const t = defineMessages(nl, en);
