import type { Moment } from '../port.ts';

/** Minutes of the day on some weekdays; `to` before `from` crosses midnight, equal means all day. */
export interface Hours {
  weekdays: ReadonlySet<number>;
  from: number;
  to: number;
}

const DAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];
const EVERY_DAY = new Set([1, 2, 3, 4, 5, 6, 7]);

/**
 * Reads the part of opening_hours that signs at streets use: `24/7`, `07:00-11:00`, `Mo-Fr 07:00-09:30,16:00-18:00`,
 * `Mo,We 06:00-10:00; Sa 07:00-12:00`. Seasons, holidays (a `PH …` rule is passed over) and the sun are not part of it.
 * @returns undefined for what is not understood
 * @see https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
 */
export function readHours(text: string): Hours[] | undefined {
  const all: Hours[] = [];
  for (const rule of text.split(';').map((part) => part.trim())) {
    if (rule === '' || /^(PH|SH)\b/.test(rule)) continue;
    const hours = readRule(rule);
    if (!hours) return undefined;
    all.push(...hours);
  }
  return all.length > 0 ? all : undefined;
}

/** Tells whether a moment lies in some of the hours; the start belongs to them, the end does not. */
export function isOpen(hours: Hours[], { weekday, minute }: Moment): boolean {
  const before = weekday === 1 ? 7 : weekday - 1;
  return hours.some(({ weekdays, from, to }) =>
    from < to
      ? weekdays.has(weekday) && minute >= from && minute < to
      : (weekdays.has(weekday) && minute >= from) || (weekdays.has(before) && minute < to),
  );
}

function readRule(rule: string): Hours[] | undefined {
  if (rule === '24/7') return [{ weekdays: EVERY_DAY, from: 0, to: 1440 }];
  // "Mo-Fr,PH 07:00-11:00": the holidays are left out, the days stay
  const [, days, times] = /^((?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)[A-Za-z, -]*?)?\s*((?:\d.*)?)$/.exec(rule) ?? [];
  if (days === undefined && !times) return undefined;
  const weekdays = days === undefined ? EVERY_DAY : readDays(days);
  if (!weekdays) return undefined;
  if (!times) return [{ weekdays, from: 0, to: 1440 }];
  const hours = times.split(',').map((part): Hours | undefined => {
    const [, h1, m1, h2, m2] = /^\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*$/.exec(part) ?? [];
    if (h1 === undefined) return undefined;
    const from = Number(h1) * 60 + Number(m1);
    const to = Number(h2) * 60 + Number(m2);
    return from < 1440 && to <= 1440 ? { weekdays, from, to } : undefined;
  });
  return hours.every((part) => part !== undefined) ? hours : undefined;
}

function readDays(text: string): Set<number> | undefined {
  const weekdays = new Set<number>();
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '' || part === 'PH' || part === 'SH') continue;
    const [first, last = first, more] = part.split('-').map((day) => DAYS.indexOf(day.trim()) + 1);
    if (!first || !last || more !== undefined) return undefined;
    for (let day = first; ; day = (day % 7) + 1) {
      weekdays.add(day);
      if (day === last) break;
    }
  }
  return weekdays;
}
