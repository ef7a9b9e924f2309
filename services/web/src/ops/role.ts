import { computed, signal } from '@preact/signals';
import type { Role } from '@ronde/contracts';
import { call } from '../shared/rest.ts';

const role = signal<Role | undefined>(undefined);

/** True when the reader may use the engineers' screens: links to them are shown only then. */
export const isEngineer = computed(() => role.value === 'engineer' || role.value === 'admin');

/** Asks once who is signed in. */
export async function loadRole(): Promise<void> {
  if (role.value) return;
  const answer = await call<{ role: Role }>('/v1/me');
  if (answer.ok) role.value = answer.value.role;
}
