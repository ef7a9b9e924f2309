import type { Shortcuts } from '../shared/ui/shortcuts.ts';
import { changeIncident } from './incident-actions.ts';
import { active, fitRequests, openActive, step } from './selection.ts';
import { show, view, type Tab } from './view.ts';

/** Gives what each key does on this screen. */
export function opsShortcuts({ openHelp }: { openHelp(): void }): Shortcuts {
  const goTo = (tab: Tab) => (): void => {
    show({ tab, selected: '' });
    queueMicrotask(() => document.getElementById(`tab-${tab}`)?.focus());
  };
  const change = (status: 'acknowledged' | 'shelved') => (): void => {
    if (view.value.tab === 'alarms' && active.value.alarms) void changeIncident(active.value.alarms, status);
  };
  return {
    'g m': () => document.querySelector<HTMLElement>('.ops__map canvas')?.focus(),
    'g a': goTo('alarms'),
    'g b': goTo('bins'),
    'g r': goTo('rounds'),
    '/': () => document.getElementById('search')?.focus(),
    j: () => step(1),
    k: () => step(-1),
    Enter: openActive,
    a: change('acknowledged'),
    s: change('shelved'),
    f: () => {
      fitRequests.value += 1;
    },
    Escape: () => show({ selected: '', round: '' }),
    '?': openHelp,
  };
}
