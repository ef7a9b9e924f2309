import { signal } from '@preact/signals';
import type { Device, DeviceHealth, Page, SensorTypeSummary } from '@ronde/contracts';
import { language } from '../shared/i18n/language.ts';
import { call, listAll } from '../shared/rest.ts';
import type { LoadState } from './load-state.tsx';

export const devices = signal<readonly Device[]>([]);
export const devicesState = signal<LoadState>('loading');
export const healths = signal<ReadonlyMap<string, DeviceHealth>>(new Map());
export const sensorTypes = signal<readonly SensorTypeSummary[]>([]);
export const typesState = signal<LoadState>('loading');

/** Reads all devices, page by page. */
export async function loadDevices(): Promise<void> {
  const all: Device[] = [];
  const answer = await listAll<Device>('/v1/devices', (page) => {
    all.push(...page);
    devices.value = [...all];
  });
  if (answer.ok) devices.value = all;
  devicesState.value = answer.ok ? 'ready' : answer.problem;
}

/** Reads how all devices do; the list shows without it too. */
export async function loadHealths(): Promise<void> {
  const all = new Map<string, DeviceHealth>();
  await listAll<DeviceHealth>('/v1/device-health', (page) => {
    for (const health of page) all.set(health.id, health);
  });
  healths.value = all;
}

/** Reads the sensor types that this installation knows. */
export async function loadTypes(): Promise<void> {
  const all: SensorTypeSummary[] = [];
  const answer = await listAll<SensorTypeSummary>('/v1/sensor-types', (page) => all.push(...page));
  if (answer.ok) sensorTypes.value = all;
  typesState.value = answer.ok ? 'ready' : answer.problem;
}

interface QuantityEntry {
  name: string;
  unit: string;
  en: string;
  nl: string;
  binary?: boolean;
}
const quantities = signal<ReadonlyMap<string, QuantityEntry>>(new Map());

/** Reads the names of quantities, once. */
export async function loadQuantities(): Promise<void> {
  if (quantities.value.size > 0) return;
  const answer = await call<Page<QuantityEntry>>('/v1/quantities');
  if (answer.ok) quantities.value = new Map(answer.value.items.map((entry) => [entry.name, entry]));
}

export const quantityName = (name: string): string => quantities.value.get(name)?.[language.value] ?? name;
export const quantityUnit = (name: string): string => quantities.value.get(name)?.unit ?? '1';
export const isBinary = (name: string): boolean => quantities.value.get(name)?.binary === true;
