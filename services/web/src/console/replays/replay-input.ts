import type { ReplayInput } from '@ronde/contracts';
import { text } from '../field.tsx';

export type Scope = 'type' | 'device' | 'all';
export const SPANS = ['all', 'day', 'week', 'month', 'own'] as const;
export type Span = (typeof SPANS)[number];

const DAY_MS = 86_400_000;
const BACK_DAYS: Partial<Record<Span, number>> = { day: 1, week: 7, month: 30 };

/** Reads the form of a new replay; it is always a dry run first. Times of the form are local. */
export function replayInputOf(form: Pick<FormData, 'get'>, nowMs: number): ReplayInput {
  const [typeId, deviceId, version] = [text(form, 'typeId'), text(form, 'deviceId'), text(form, 'version')];
  const span = text(form, 'span') as Span;
  const back = BACK_DAYS[span];
  const isOwn = span === 'own';
  return {
    ...(typeId && { typeId }),
    ...(deviceId && { deviceId }),
    ...(version && { version }),
    ...(back !== undefined && { from: new Date(nowMs - back * DAY_MS).toISOString() }),
    ...(isOwn && { from: instant(text(form, 'from')), to: instant(text(form, 'to')) }),
    dryRun: true,
  };
}

/** Writes a time as a field of local time takes it: "2026-01-05T08:00". */
export function localTime(atMs: number): string {
  const at = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

function instant(local: string): string {
  return new Date(local).toISOString();
}
