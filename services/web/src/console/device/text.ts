import type { DeviceStatus } from '@ronde/contracts';
import { defineMessages } from '../../shared/i18n/messages.ts';
import { en } from './en.ts';
import { nl } from './nl.ts';

/** Text of the page of one device, in the reader's language. */
export const t = defineMessages(nl, en);

export const STATUSES = ['in-stock', 'installed', 'maintenance', 'retired'] as const satisfies readonly DeviceStatus[];
export const statusName = (status: DeviceStatus): string => t(`status_${status}`);
