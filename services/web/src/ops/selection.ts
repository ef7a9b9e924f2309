import { signal } from '@preact/signals';
import { activeRounds, assets, bins } from './state.ts';
import { shownIncidents } from './incident-actions.ts';
import { show, view } from './view.ts';

/** Id of the active row per tab: where `j`, `k` and Enter work; also lit on the map. */
export const active = signal<{ alarms: string; bins: string; rounds: string }>({ alarms: '', bins: '', rounds: '' });
/** Goes up to ask the map to show everything. */
export const fitRequests = signal(0);

export function activate(tab: 'alarms' | 'bins' | 'rounds', id: string): void {
  active.value = { ...active.value, [tab]: id };
}

/** Moves the active row of the open tab. */
export function step(by: number): void {
  const { tab } = view.value;
  const ids = idsOf(tab);
  if (ids.length === 0) return;
  const at = ids.indexOf(active.value[tab]);
  const next = at === -1 ? 0 : Math.max(0, Math.min(ids.length - 1, at + by));
  const id = ids[next] as string;
  activate(tab, id);
  if (view.value.selected && tab === 'bins') show({ selected: id });
}

/** Opens the active row, unless focus is on something that Enter already works on. */
export function openActive(): void {
  if (document.activeElement?.closest('button, a, summary, [role="tab"]')) {
    (document.activeElement as HTMLElement).click();
    return;
  }
  const { tab } = view.value;
  const id = active.value[tab];
  if (!id) return;
  if (tab === 'bins') show({ selected: id });
  else if (tab === 'rounds') show({ round: view.value.round === id ? '' : id });
  else {
    const assetId = shownIncidents.value.find((incident) => incident.id === id)?.assetId;
    if (assetId) show({ selected: assetId });
  }
}

function idsOf(tab: 'alarms' | 'bins' | 'rounds'): string[] {
  if (tab === 'bins') return Array.from(bins.value.order, (index) => assets.asset(index).id);
  if (tab === 'rounds') return activeRounds.value.map((round) => round.id);
  return shownIncidents.value.map((incident) => incident.id);
}
