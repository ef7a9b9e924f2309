import { computed, signal } from '@preact/signals';
import type { Incident } from '@ronde/contracts';
import { problemLine } from '../shared/i18n/problem-text.ts';
import { call } from '../shared/rest.ts';
import { showToast } from '../shared/ui/toast.tsx';
import { incidents } from './state.ts';
import { t } from './text.ts';

export const ALARM_FILTERS = ['new', 'active', 'shelved'] as const;
export type AlarmFilter = (typeof ALARM_FILTERS)[number];

/** Which alarms the list shows; at first those that nobody has acknowledged. */
export const alarmFilter = signal<AlarmFilter>('new');

const STATUSES: Record<AlarmFilter, readonly Incident['status'][]> = {
  new: ['open'],
  active: ['open', 'acknowledged'],
  shelved: ['shelved'],
};

/** Alarms in the list, the newest first. */
export const shownIncidents = computed(() =>
  incidents.items.value
    .filter(({ status }) => STATUSES[alarmFilter.value].includes(status))
    .toSorted((a, b) => (a.openedAt < b.openedAt ? 1 : -1)),
);

/** Acknowledges, shelves or resolves one; a refusal is said in words and changes nothing. */
export async function changeIncident(id: string, status: 'acknowledged' | 'shelved' | 'resolved'): Promise<boolean> {
  const answer = await call<Incident>(`/v1/incidents/${id}`, { method: 'PATCH', body: { status } });
  if (answer.ok) incidents.merge([answer.value]);
  else showToast(t('actionRefused', { reason: problemLine(answer.problem) }));
  return answer.ok;
}

/** Acknowledges several and says how many it was. */
export async function acknowledgeAll(ids: readonly string[]): Promise<void> {
  let done = 0;
  for (const id of ids) {
    if (!(await changeIncident(id, 'acknowledged'))) break;
    done += 1;
  }
  showToast(t('acknowledgedAll', { n: done }));
}
