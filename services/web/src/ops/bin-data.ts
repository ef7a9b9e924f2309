import { signal, type Signal } from '@preact/signals';
import type { Device, Forecast, Page, Problem, Reading, RollupPoint, StoredCrewEvent } from '@ronde/contracts';
import { pointsOfReadings, pointsOfRollup, type FillPoint } from '../shared/chart/fill-series.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { call, listAll, type Answer } from '../shared/rest.ts';

const DAY_MS = 86_400_000;

/** Spans of history; long ones come rolled up per hour, so that a drawer never asks for more than about 800 points. */
export const RANGES = {
  '2d': { days: 2, step: undefined },
  '7d': { days: 7, step: '1h' },
  '30d': { days: 30, step: '1h' },
} as const;
export type Range = keyof typeof RANGES;

/** What a part of the drawer holds: being read, there, or the reason why not. Each part fails alone. */
export type Part<T> = { kind: 'loading' } | { kind: 'ready'; value: T } | { kind: 'fault'; problem: Problem };

export interface SensorHealth {
  device: Device;
  battery: Reading | undefined;
  rssi: Reading | undefined;
  newest: Reading | undefined;
}

/** Everything of one bin that is not in the live columns. */
export interface BinData {
  history: Signal<Part<FillPoint[]>>;
  forecast: Signal<Part<Forecast | undefined>>;
  sensors: Signal<Part<SensorHealth[]>>;
  events: Signal<Part<StoredCrewEvent[]>>;
  /** Latest fill per chamber, of the readings in the history of the last day. */
  chambers: Signal<ReadonlyMap<string, number>>;
  loadHistory(range: Range): Promise<void>;
  /** Reads what changes with a new measurement again. */
  refresh(range: Range): Promise<void>;
  loadAll(range: Range): Promise<void>;
}

export function createBinData(assetId: string, abort: AbortSignal): BinData {
  const part = <T>(): Signal<Part<T>> => signal<Part<T>>({ kind: 'loading' });
  const [history, forecast] = [part<FillPoint[]>(), part<Forecast | undefined>()];
  const [sensors, events] = [part<SensorHealth[]>(), part<StoredCrewEvent[]>()];
  const chambers = signal<ReadonlyMap<string, number>>(new Map());
  const settle = <A, T>(target: Signal<Part<T>>, answer: Answer<A>, read: (value: A) => T): void => {
    if (abort.aborted) return;
    target.value = answer.ok
      ? { kind: 'ready', value: read(answer.value) }
      : { kind: 'fault', problem: answer.problem };
  };

  async function loadHistory(range: Range): Promise<void> {
    const { days, step } = RANGES[range];
    const path = `/v1/assets/${assetId}/readings?quantity=fill&from=${new Date(serverNow() - days * DAY_MS).toISOString()}`;
    if (step) {
      const answer = await call<Page<RollupPoint>>(`${path}&step=${step}`, { signal: abort });
      return settle(history, answer, ({ items }) => pointsOfRollup(items));
    }
    const readings: Reading[] = [];
    const answer = await listAll<Reading>(path, (items) => readings.push(...items), abort);
    settle(history, answer, () => pointsOfReadings(readings));
    if (!abort.aborted && answer.ok) chambers.value = latestPerChamber(readings);
  }
  async function loadForecast(): Promise<void> {
    const answer = await call<Forecast>(`/v1/assets/${assetId}/forecast`, { signal: abort });
    // Unknown = too few readings: a state of its own, not a fault.
    if (!answer.ok && answer.problem.status === 404) forecast.value = { kind: 'ready', value: undefined };
    else settle(forecast, answer, (value) => value);
  }
  async function loadEvents(): Promise<void> {
    const answer = await call<Page<StoredCrewEvent>>(`/v1/crew-events?assetId=${assetId}&limit=8`, { signal: abort });
    settle(events, answer, ({ items }) => items);
  }
  async function loadSensors(): Promise<void> {
    const answer = await call<Page<Device>>(`/v1/devices?assetId=${assetId}`, { signal: abort });
    if (!answer.ok) return settle(sensors, answer, () => []);
    const health = await Promise.all(answer.value.items.map((device) => healthOf(device, abort)));
    settle(sensors, answer, () => health);
  }
  return {
    history,
    forecast,
    sensors,
    events,
    chambers,
    loadHistory,
    refresh: async (range) => void (await Promise.all([loadHistory(range), loadForecast(), loadEvents()])),
    loadAll: async (range) =>
      void (await Promise.all([loadHistory(range), loadForecast(), loadEvents(), loadSensors()])),
  };
}

async function healthOf(device: Device, abort: AbortSignal): Promise<SensorHealth> {
  const from = new Date(serverNow() - 7 * DAY_MS).toISOString();
  const newestOf = async (quantity: string): Promise<Reading | undefined> => {
    const path = `/v1/devices/${device.id}/readings?from=${from}&order=desc&limit=1${quantity && `&quantity=${quantity}`}`;
    const answer = await call<Page<Reading>>(path, { signal: abort });
    return answer.ok ? answer.value.items[0] : undefined;
  };
  const [battery, voltage, rssi, newest] = await Promise.all([
    newestOf('battery'),
    newestOf('batteryVoltage'),
    newestOf('rssi'),
    newestOf(''),
  ]);
  return { device, battery: battery ?? voltage, rssi, newest };
}

function latestPerChamber(readings: readonly Reading[]): ReadonlyMap<string, number> {
  const latest = new Map<string, Reading>();
  for (const reading of readings) {
    const chamber = reading.chamber ?? '1';
    const known = latest.get(chamber);
    if (reading.value !== null && reading.quality !== 'invalid' && (!known || known.at < reading.at))
      latest.set(chamber, reading);
  }
  return new Map([...latest].map(([chamber, { value }]) => [chamber, value ?? 0]));
}
