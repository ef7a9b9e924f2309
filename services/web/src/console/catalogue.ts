import { signal } from '@preact/signals';
import type { Device, Page, SensorTypeSummary } from '@ronde/contracts';
import { call, listAll } from '../shared/rest.ts';
import type { LoadState } from './load-state.tsx';

export const devices = signal<readonly Device[]>([]);
export const devicesState = signal<LoadState>('loading');
export const sensorTypes = signal<readonly SensorTypeSummary[]>([]);
export const typesState = signal<LoadState>('loading');

/** Reads all devices, page by page. */
export async function loadDevices(): Promise<void> {
  const all: Device[] = [];
  const answer = await listAll<Device>('/v1/devices', (page) => {
    all.push(...page);
    devices.value = [...all];
  });
  devicesState.value = answer.ok ? 'ready' : answer.problem;
}

/** Reads the sensor types that this installation knows. */
export async function loadTypes(): Promise<void> {
  const answer = await call<Page<SensorTypeSummary>>('/v1/sensor-types');
  if (answer.ok) sensorTypes.value = answer.value.items;
  typesState.value = answer.ok ? 'ready' : answer.problem;
}
