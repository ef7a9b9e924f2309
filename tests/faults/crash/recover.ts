import { join } from 'node:path';
import { vi } from 'vitest';
import { openBus } from '@ronde/bus';
import { openInbox } from '@ronde/inbox';
import { createIngest } from '@ronde/ingest';
import { createClock, createHealth, createHttp, createSealer, openMetrics, silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { openRegistry } from '@ronde/registry';
import type { SensorTypes } from '@ronde/sensor-types';
import { IngestConfig } from '../../../services/ingest/src/config.ts';
import { adminToken, sealKey } from '../../../services/run/src/secrets.ts';

const TENANT = 'default';
const PAGE = 1_000;

/** What was found on a directory that a crash left, once everything in its inbox was handled. */
export interface Recovered {
  tookMs: number;
  isReady: boolean;
  corruptFrames: number;
  devices: string[];
  /** For each number that was sent, how many readings carry it. */
  copies: Map<number, number>;
}

/** Opens secrets and stores as a start of the platform does, and lets ingest catch up. The types are shared: crashes do not touch them. */
export async function recover(dataDir: string, sensorTypes: SensorTypes): Promise<Recovered> {
  const startMs = performance.now();
  const log = silentLog();
  const closers: (() => Promise<unknown>)[] = [];
  const closeLater = <T extends { close(): Promise<unknown> }>(opened: T): T => {
    closers.push(() => opened.close());
    return opened;
  };
  try {
    const inbox = closeLater(await openInbox({ dir: join(dataDir, 'inbox') }));
    const registry = closeLater(await openRegistry('sqlite:', { dataDir, log }));
    const readings = closeLater(await openReadings('sqlite:', { dataDir, log }));
    const bus = closeLater(await openBus('memory:', log));
    adminToken(dataDir, undefined);
    const sealer = createSealer(sealKey(dataDir, undefined));
    const http = closeLater(await createHttp({ authenticate: async () => undefined, version: '0.0.0' }));
    const health = createHealth();
    const clock = createClock();
    const parts = { inbox, registry, readings, bus, sensorTypes, clock, log, health, http, sealer };
    const ingest = createIngest(IngestConfig.parse({}), { ...parts, metrics: openMetrics() });
    await ingest.start();
    closers.push(() => ingest.stop());
    await vi.waitUntil(async () => (await readings.cursor('ingest')) === inbox.stats().head, {
      timeout: 60_000,
      interval: 2,
    });
    const tookMs = performance.now() - startMs;
    const devices = (await registry.devices.all(TENANT)).map(({ id }) => id);
    const copies = new Map<number, number>();
    for (const deviceId of devices) {
      const query = { tenant: TENANT, deviceId, quantity: 'count' as const, fromMs: 0, toMs: Date.UTC(2200) };
      for (let after: string | undefined, more = true; more; more = after !== undefined) {
        const page = await readings.series({ ...query, limit: PAGE, ...(after !== undefined && { after }) });
        for (const { value } of page.items) copies.set(value!, (copies.get(value!) ?? 0) + 1);
        after = page.next;
      }
    }
    return { tookMs, isReady: health.report().ready, corruptFrames: inbox.stats().corrupt, devices, copies };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}
