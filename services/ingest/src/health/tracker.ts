import type { DeviceHealth, Reading, UplinkHeard } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import { judgeFire, type MixUp } from '@ronde/device-health';
import { createBreath, type Cancel, type Clock, type Logger, type Service } from '@ronde/kit';
import type { Leader, Registry } from '@ronde/registry';
import type { SensorTypes } from '@ronde/sensor-types';
import { memoryFor, openBook, type Book, type Entry } from './book.ts';
import { createHealthIncidents } from './incidents.ts';
import { cadenceOf, judgeDevice } from './judge.ts';
import { learnReading } from './learn-reading.ts';
import { learnUplink } from './learn-uplink.ts';
import type { DeviceMemory } from './memory.ts';
import { rulesOf } from './rules.ts';
import { ambientRise, mixUpsOf, noteVisits, type Visits } from './surroundings.ts';

export interface TrackerParts {
  registry: Pick<Registry, 'devices' | 'deviceHealth' | 'deviceMemories' | 'incidents' | 'meta'>;
  bus: Bus;
  sensorTypes: Pick<SensorTypes, 'get'>;
  clock: Clock;
  log: Logger;
  /** Every worker learns from all uplinks, over the bus; the one that leads judges and keeps. */
  leader: Pick<Leader, 'isLeading' | 'clock'>;
  /** For how long the oldest message that is not handled yet may have waited [ms]. */
  behindMs(): number;
}

/** Follows every device: learns from its uplinks and readings, judges it each minute, tells what changed. */
export interface HealthTracker extends Service {
  healthOf(tenant: string, deviceId: string): Promise<DeviceHealth | undefined>;
  memoryOf(tenant: string, deviceId: string): Promise<DeviceMemory | undefined>;
  /** All memories of a tenant, for those who look for gaps. */
  memories(tenant: string): Promise<DeviceMemory[]>;
  /** Takes in uplinks that were handled before a crash; those known already change nothing. */
  hear(tenant: string, items: readonly UplinkHeard[]): Promise<void>;
  /** Judges all devices of a tenant now. */
  sweep(tenant: string): Promise<void>;
}

const SWEEP_EVERY_MS = 60_000;
/** A memory that only grew is written at most this often. */
export const SAVE_EVERY_MS = 15 * 60_000;
const SAVES_PER_SWEEP = 1_000;
const CHUNK = 250;
const MIX_UPS_EVERY_MS = 6 * 3_600_000;

interface Ward {
  book: Book & { close: Cancel };
  visits: Visits;
  mixUps: Map<string, MixUp>;
  mixUpsMs: number;
}

/** Creates the tracker; memories outlive restarts in the registry. */
export function createHealthTracker(parts: TrackerParts): HealthTracker {
  const { registry, bus, sensorTypes, clock, log, leader } = parts;
  const incidents = createHealthIncidents(parts);
  const wards = new Map<string, Promise<Ward>>();
  const ends: Cancel[] = [];
  const breathe = createBreath();
  let sweeping: Promise<void> | undefined;

  const wardOf = (tenant: string): Promise<Ward> => {
    const known = wards.get(tenant) ?? openWard(tenant);
    wards.set(tenant, known);
    // a failure must not stick: the next call tries again
    known.catch(() => wards.delete(tenant));
    return known;
  };
  async function openWard(tenant: string): Promise<Ward> {
    const book = await openBook(tenant, registry, bus);
    const kept = await registry.meta.get(visitsKey(tenant));
    const visits: Visits = new Map(kept === undefined ? [] : (JSON.parse(kept) as [string, number[]][]));
    return { book, visits, mixUps: new Map(), mixUpsMs: -Infinity };
  }

  async function hear(tenant: string, items: readonly UplinkHeard[]): Promise<void> {
    const { book } = await wardOf(tenant);
    for (const heard of items) {
      const memory = memoryFor(book, heard.deviceId, heard.receivedAtMs);
      const device = book.entries.get(heard.deviceId)?.device;
      if (memory && device) learnUplink(memory, heard, cadenceOf(device, rulesOf(sensorTypes, device.typeId)));
    }
  }

  async function read(tenant: string, readings: readonly Reading[]): Promise<void> {
    const ward = await wardOf(tenant);
    noteVisits(ward.visits, readings);
    const burning = new Set<Entry>();
    for (const reading of readings) {
      if (reading.flags.includes('HISTORY') || reading.flags.includes('REPLAYED')) continue;
      const entry = ward.book.entries.get(reading.deviceId);
      if (!entry?.memory) continue;
      learnReading(entry.memory, reading, rulesOf(sensorTypes, entry.device.typeId).tiltedDeg);
      if (reading.quantity === 'temperature' && judgeFire(entry.memory.temperatures) !== undefined) burning.add(entry);
    }
    // a fire cannot wait for the next round of judging
    for (const entry of burning) await judge(ward, entry);
  }

  async function judge(ward: Ward, entry: Entry): Promise<boolean> {
    const { device, memory, health: before } = entry;
    if (!leader.isLeading()) return false;
    if (!memory || device.status === 'retired' || device.status === 'in-stock') return false;
    const nowMs = clock.nowMs();
    const rules = rulesOf(sensorTypes, device.typeId);
    const isWarm = judgeFire(memory.temperatures, 0, rules.fire) !== undefined;
    const ambientRiseC = isWarm ? ambientRise(ward.book, device.id, nowMs) : 0;
    const patient = { device, memory, rules, nowMs, ambientRiseC, mixUp: ward.mixUps.get(device.id) };
    const after = judgeDevice(patient, before);
    entry.health = after;
    if (before && sameVerdict(before, after)) return false;
    await registry.deviceHealth.put(ward.book.tenant, after);
    await incidents.follow(ward.book.tenant, device, { before, after });
    await bus.publish('device-health.changed', { tenant: ward.book.tenant, health: after });
    return true;
  }

  async function sweep(tenant: string): Promise<void> {
    // a device is not silent whose uplinks still wait in the inbox
    if (parts.behindMs() > SWEEP_EVERY_MS) return;
    const ward = await wardOf(tenant);
    const nowMs = clock.nowMs();
    if (nowMs - ward.mixUpsMs >= MIX_UPS_EVERY_MS) {
      ward.mixUps = mixUpsOf(ward.book, ward.visits, nowMs);
      ward.mixUpsMs = nowMs;
      await registry.meta.set(visitsKey(tenant), JSON.stringify([...ward.visits]));
    }
    const entries = [...ward.book.entries.values()];
    for (const entry of entries) {
      await breathe();
      await judge(ward, entry);
    }
    const due = entries.filter(({ dirty, savedMs }) => dirty && nowMs - savedMs >= SAVE_EVERY_MS);
    await save(tenant, due.slice(0, SAVES_PER_SWEEP), nowMs);
  }

  async function save(tenant: string, entries: readonly Entry[], nowMs: number): Promise<void> {
    for (let i = 0; i < entries.length; i += CHUNK) {
      const some = entries.slice(i, i + CHUNK);
      for (const entry of some) Object.assign(entry, { dirty: false, savedMs: nowMs });
      await registry.deviceMemories.putAll(
        tenant,
        some.flatMap(({ memory }) => memory ?? []),
      );
      await registry.deviceHealth.putAll(
        tenant,
        some.flatMap(({ health }) => health ?? []),
      );
    }
  }

  const sweepAll = async (): Promise<void> => {
    for (const tenant of wards.keys())
      await sweep(tenant).catch((error: unknown) => log.error({ err: error, tenant }, 'ingest.health.sweep'));
  };
  return {
    healthOf: async (tenant, deviceId) => (await wardOf(tenant)).book.entries.get(deviceId)?.health,
    memoryOf: async (tenant, deviceId) => (await wardOf(tenant)).book.entries.get(deviceId)?.memory,
    memories: async (tenant) => [...(await wardOf(tenant)).book.entries.values()].flatMap(({ memory }) => memory ?? []),
    hear,
    sweep,
    async start() {
      ends.push(
        bus.on('uplinks.heard', ({ tenant, items }) => hear(tenant, items)),
        bus.on('readings.accepted', ({ tenant, readings }) => read(tenant, readings)),
        bus.on('network.told', async ({ tenant, items }) => {
          const { book } = await wardOf(tenant);
          for (const { deviceId, receivedAtMs, event } of items) {
            const memory = memoryFor(book, deviceId, receivedAtMs);
            if (!memory) continue;
            if (event.kind === 'join') memory.joined = true;
            if (event.kind === 'status' && event.battery !== null)
              memory.battery = { charge: event.battery, atMs: event.atMs ?? receivedAtMs, basis: 'network' };
          }
        }),
        leader.clock.every(SWEEP_EVERY_MS, () => {
          sweeping ??= sweepAll().finally(() => (sweeping = undefined));
        }),
      );
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await sweeping;
      for (const opening of wards.values()) {
        const { book } = await opening;
        book.close();
        if (!leader.isLeading()) continue;
        await save(
          book.tenant,
          [...book.entries.values()].filter(({ dirty }) => dirty),
          clock.nowMs(),
        );
      }
      wards.clear();
    },
  };
}

function visitsKey(tenant: string): string {
  return `health-visits:${tenant}`;
}

function sameVerdict(a: DeviceHealth, b: DeviceHealth): boolean {
  const kinds = ({ issues }: DeviceHealth): string => issues.map(({ kind }) => kind).join();
  return a.status === b.status && kinds(a) === kinds(b);
}
