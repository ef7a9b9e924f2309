import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBus } from '@ronde/bus';
import { openInbox } from '@ronde/inbox';
import { IngestConfig, createIngest } from '@ronde/ingest';
import { createFakeClock, createHealth, createHttp, createSealer, openMetrics, silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { openRegistry } from '@ronde/registry';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import {
  chirpstackEvents,
  loriotCache,
  sigfoxBackend,
  thingsStackStorage,
  type HistoryDouble,
} from '../fixtures/network-histories.ts';

const TENANT = 'default';
const DEVICES = 20;
const STOP_MS = 600_000;
const START_MS = Date.UTC(2026, 0, 5, 6);
const HEX = '0d3b0aef00000001';
const BEFORE = 5;
const AFTER = 2;
const ROUND_MS = 250;
/** Rounds without anything new: before all of it came, and after. */
const ROUNDS_BEFORE = 30;
const ROUNDS_AFTER = 8;
const LONGEST_WAIT_S = 120;

interface Case {
  name: string;
  everyMs: number;
  open: () => Promise<HistoryDouble>;
  /** Asks nobody: what is there then came by itself. */
  isAlone?: boolean;
}
const CASES: Case[] = [
  { name: 'nobody is asked', everyMs: 120_000, open: thingsStackStorage, isAlone: true },
  { name: 'The Things Stack, storage', everyMs: 120_000, open: thingsStackStorage },
  { name: 'ChirpStack, event log of 10', everyMs: 120_000, open: () => chirpstackEvents() },
  { name: 'ChirpStack, event log of 10, every 30 s', everyMs: 30_000, open: () => chirpstackEvents() },
  { name: 'LORIOT, cache', everyMs: 120_000, open: () => loriotCache() },
  { name: 'Sigfox, messages of the device type', everyMs: 120_000, open: sigfoxBackend },
];

/**
 * Measures the share of uplinks that are recovered after the platform stood still for ten minutes while its network heard
 * twenty devices: what a network gives, beside what is there when nobody is asked.
 */
export async function run(): Promise<object> {
  const types = await openSensorTypes();
  try {
    const table: object[] = [];
    for (const one of CASES) table.push(await measure(one, types));
    return { stopS: STOP_MS / 1000, devices: DEVICES, table };
  } finally {
    await types.close();
  }
}

async function measure({ name, everyMs, open, isAlone }: Case, types: SensorTypes): Promise<object> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-recover-'));
  const network = await open();
  try {
    const scene = { dir, types, network, isAlone: isAlone === true };
    let counter = 0;
    const before = await openPlatform(scene, START_MS);
    for (let turn = 0; turn < BEFORE; turn++) await before.turn((counter += 1), everyMs);
    await before.settle(BEFORE * DEVICES);
    await before.close();
    const stoppedMs = before.clock.nowMs();
    const missed = Math.floor(STOP_MS / everyMs);
    for (let turn = 1; turn <= missed; turn++) hearAll(network, (counter += 1), stoppedMs + turn * everyMs - 1);
    const after = await openPlatform(scene, stoppedMs + STOP_MS);
    for (let turn = 0; turn < AFTER; turn++) await after.turn((counter += 1), everyMs);
    const { stored, seconds } = await after.settle((BEFORE + missed + AFTER) * DEVICES);
    await after.close();
    const recovered = stored - (BEFORE + AFTER) * DEVICES;
    const share = Number((recovered / (missed * DEVICES)).toFixed(3));
    return {
      name,
      missed: missed * DEVICES,
      recovered,
      share,
      questions: network.asked.length,
      seconds: Number(seconds.toFixed(1)),
    };
  } finally {
    await network.close();
    await rm(dir, { recursive: true, force: true });
  }
}

const nameOf = ({ source }: HistoryDouble, n: number): string =>
  source === 'sigfox' ? (0x1a0000 + n).toString(16).toUpperCase() : `a84041b2${n.toString(16).padStart(8, '0')}`;

function hearAll(network: HistoryDouble, fCnt: number, atMs: number): unknown[] {
  return Array.from({ length: DEVICES }, (_, n) =>
    // two uplinks of one moment are rare in the air
    network.hear({ name: nameOf(network, n), fCnt, atMs: atMs - n * 37, hex: HEX }),
  );
}

async function openPlatform(
  {
    dir: dataDir,
    types,
    network,
    isAlone,
  }: { dir: string; types: SensorTypes; network: HistoryDouble; isAlone: boolean },
  startMs: number,
) {
  const log = silentLog();
  const clock = createFakeClock(startMs);
  const bus = await openBus('memory:', log);
  const inbox = await openInbox({ dir: dataDir });
  const readings = await openReadings('sqlite:', { dataDir, log });
  const registry = await openRegistry('sqlite:', { dataDir, log });
  const http = await createHttp({ authenticate: async () => undefined, version: '0.0.0' });
  const sealer = createSealer(new Uint8Array(32));
  const { key, ...api } = network.api;
  await registry.integrations.put(TENANT, {
    id: 'net',
    source: network.source,
    createdAt: clock.iso(),
    secretHash: '',
    ...(!isAlone && { api: { ...api, keySealed: sealer.seal(key, 'integration/net') } }),
  });
  for (let n = 0; n < DEVICES; n++)
    await registry.devices.put(TENANT, {
      id: `bin-${n}`,
      typeId: 'dragino-ldds75',
      createdAt: clock.iso(),
      secretHash: `${n}`,
      integrationId: 'net',
      externalIds: network.source === 'sigfox' ? { networkId: nameOf(network, n) } : { devEui: nameOf(network, n) },
    });
  const parts = { inbox, readings, registry, bus, sensorTypes: types, clock, log, sealer, http };
  const ingest = createIngest(IngestConfig.parse({}), { ...parts, metrics: openMetrics(), health: createHealth() });
  await ingest.start();

  const count = async (): Promise<number> => {
    let uplinks = 0;
    for (let n = 0; n < DEVICES; n++) {
      const span = { tenant: TENANT, deviceId: `bin-${n}`, fromMs: 0, toMs: Date.UTC(2100), limit: 10_000 };
      const { items } = await readings.series(span);
      uplinks += items.filter(({ quantity }) => quantity === 'distance').length;
    }
    return uplinks;
  };
  return {
    clock,
    async turn(fCnt: number, everyMs: number): Promise<void> {
      clock.advance(everyMs);
      const messages = hearAll(network, fCnt, clock.nowMs());
      for (const message of messages)
        await inbox.append({
          tenant: TENANT,
          source: network.source,
          topic: 'hook/net',
          receivedAtMs: clock.nowMs(),
          origin: { kind: 'integration', id: 'net' },
          payload: Buffer.from(JSON.stringify(message)),
        });
    },
    /** Waits until nothing more comes. @returns how many uplinks are stored; one stored twice would show as too many */
    async settle(wanted: number): Promise<{ stored: number; seconds: number }> {
      const began = performance.now();
      let [stored, quiet, seconds] = [0, 0, 0];
      while (quiet < (stored >= wanted ? ROUNDS_AFTER : ROUNDS_BEFORE) && seconds < LONGEST_WAIT_S) {
        clock.advance(60_000);
        await sleep(ROUND_MS);
        const now = await count();
        if (now > stored) seconds = (performance.now() - began) / 1000;
        quiet = now > stored ? 0 : quiet + 1;
        stored = now;
      }
      return { stored, seconds };
    },
    async close(): Promise<void> {
      await ingest.stop();
      await http.close();
      await Promise.all([inbox.close(), readings.close(), registry.close(), bus.close()]);
    },
  };
}
