import type { Bus } from '@ronde/bus';
import type { DeviceRecord, UnknownDevice } from '@ronde/contracts';
import type { Cancel, Clock, Logger, Service } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { Opened } from '../steps/item.ts';
import { nameOf, unknownIdOf } from './unknown-name.ts';

/** Most that are kept a tenant: the one that was silent longest makes room. */
export const MAX_UNKNOWN = 1_000;
/** Host time between writes; a flood of frames costs one transaction each time, not one a frame. */
const FLUSH_EVERY_MS = 5_000;
const MAX_SAMPLES = 5;
const MAX_SAMPLE_BYTES = 512;

type Entries = Map<string, UnknownDevice>;

/** Devices that send and are not registered, by tenant; in memory, written behind. */
export interface UnknownDevices extends Service {
  /** Takes in uplinks whose dead letters are stored. */
  note(tenant: string, items: readonly Opened[]): Promise<void>;
  /** The one heard last first. */
  list(tenant: string): Promise<UnknownDevice[]>;
  get(tenant: string, id: string): Promise<UnknownDevice | undefined>;
  /** Hides it from lists until somebody adopts it after all. @returns false when there is none */
  dismiss(tenant: string, id: string): Promise<boolean>;
  forget(tenant: string, id: string): Promise<void>;
}

export interface UnknownParts {
  registry: Pick<Registry, 'unknownDevices' | 'devices'>;
  bus: Pick<Bus, 'on'>;
  clock: Clock;
  log: Logger;
}

export function createUnknownDevices({ registry, bus, clock, log }: UnknownParts): UnknownDevices {
  const tenants = new Map<string, Promise<Entries>>();
  const dirty = new Map<string, Set<string>>();
  const ends: Cancel[] = [];
  let writing: Promise<void> = Promise.resolve();

  const entriesOf = (tenant: string): Promise<Entries> => {
    const known = tenants.get(tenant) ?? load(registry, tenant);
    tenants.set(tenant, known);
    // a failure must not stick: the next call tries again
    known.catch(() => tenants.delete(tenant));
    return known;
  };
  const touch = (tenant: string, id: string): void => {
    const ids = dirty.get(tenant) ?? new Set();
    dirty.set(tenant, ids.add(id));
  };
  const write = async (): Promise<void> => {
    for (const [tenant, ids] of [...dirty]) {
      dirty.delete(tenant);
      const entries = await entriesOf(tenant);
      const present = [...ids].flatMap((id) => entries.get(id) ?? []);
      try {
        await registry.unknownDevices.putAll(tenant, present);
        for (const id of ids) if (!entries.has(id)) await registry.unknownDevices.delete(tenant, id);
      } catch (error) {
        for (const id of ids) touch(tenant, id);
        log.warn({ err: error }, 'ingest.unknown-device.write');
      }
    }
  };
  const flush = (): Promise<void> => (writing = writing.then(write));
  const remove = async (tenant: string, id: string): Promise<void> => {
    if ((await entriesOf(tenant)).delete(id)) touch(tenant, id);
  };
  const onRegistered = async (tenant: string, deviceId: string): Promise<void> => {
    const entries = await entriesOf(tenant);
    if (entries.size === 0) return;
    const device = await registry.devices.get(tenant, deviceId);
    if (!device) return;
    for (const entry of entries.values()) if (isMeantBy(entry, device)) await remove(tenant, entry.id);
  };
  return {
    async note(tenant, items) {
      const entries = await entriesOf(tenant);
      for (const item of items) {
        const entry = heardAgain(entries.get(unknownIdOf(item)), item);
        // last in the order of the map = heard last
        entries.delete(entry.id);
        entries.set(entry.id, entry);
        touch(tenant, entry.id);
        if (entries.size > MAX_UNKNOWN) await remove(tenant, entries.keys().next().value!);
      }
    },
    list: async (tenant) => [...(await entriesOf(tenant)).values()].reverse(),
    get: async (tenant, id) => (await entriesOf(tenant)).get(id),
    async dismiss(tenant, id) {
      const entries = await entriesOf(tenant);
      const entry = entries.get(id);
      if (!entry) return false;
      entries.set(id, { ...entry, dismissed: true });
      touch(tenant, id);
      await flush();
      return true;
    },
    async forget(tenant, id) {
      await remove(tenant, id);
      await flush();
    },
    async start() {
      ends.push(
        bus.on('registry.changed', ({ tenant, kind, id, deleted }) =>
          kind === 'device' && !deleted ? onRegistered(tenant, id) : undefined,
        ),
        clock.every(FLUSH_EVERY_MS * clock.speed, () => void flush()),
      );
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await flush();
    },
  };
}

async function load(registry: UnknownParts['registry'], tenant: string): Promise<Entries> {
  const all = await registry.unknownDevices.all(tenant);
  const inOrder = all.toSorted((a, b) => (a.lastSeenAt < b.lastSeenAt ? -1 : 1));
  return new Map(inOrder.map((entry) => [entry.id, entry]));
}

function isMeantBy({ nameKind, name }: UnknownDevice, device: DeviceRecord): boolean {
  return nameKind === 'deviceId' ? device.id === name : device.externalIds?.[nameKind] === name;
}

function heardAgain(before: UnknownDevice | undefined, item: Opened): UnknownDevice {
  const { uplink, frame } = item;
  const receivedAt = new Date(frame.receivedAtMs).toISOString();
  const hex = Buffer.from((uplink.bytes ?? new Uint8Array()).subarray(0, MAX_SAMPLE_BYTES)).toString('hex');
  const sample = { at: new Date(uplink.atMs ?? frame.receivedAtMs).toISOString(), fPort: uplink.fPort, hex };
  return {
    id: unknownIdOf(item),
    source: frame.source,
    ...nameOf(uplink.device),
    firstSeenAt: before?.firstSeenAt ?? receivedAt,
    lastSeenAt: receivedAt,
    uplinks: (before?.uplinks ?? 0) + 1,
    rssi: uplink.radio?.rssi ?? before?.rssi ?? null,
    snr: uplink.radio?.snr ?? before?.snr ?? null,
    samples: [sample, ...(before?.samples ?? [])].slice(0, MAX_SAMPLES),
    suggestedTypeIds: [],
    ...(before?.dismissed && { dismissed: true }),
  };
}
