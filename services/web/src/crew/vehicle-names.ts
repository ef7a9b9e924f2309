import { signal } from '@preact/signals';
import type { Vehicle } from '@ronde/contracts';
import { call } from '../shared/rest.ts';

const STORAGE_KEY = 'ronde.crew.vehicles';

/** Names by id, kept for a start without reach. */
const names = signal<Record<string, string>>(readKept());

/** Names a vehicle; by its id while the name is not known. */
export function vehicleName(id: string): string {
  return names.value[id] ?? id;
}

/** Asks for the names of vehicles that are not known yet. */
export async function learnVehicleNames(ids: readonly string[]): Promise<void> {
  for (const id of new Set(ids)) {
    if (names.value[id] !== undefined) continue;
    const answer = await call<Vehicle>(`/v1/vehicles/${id}`);
    if (!answer.ok) continue;
    names.value = { ...names.value, [id]: answer.value.name };
    localStorage.setItem(STORAGE_KEY, JSON.stringify(names.value));
  }
}

function readKept(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as Record<string, string>;
  } catch {
    return {};
  }
}
