import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import {
  RondeError,
  type BusEvents,
  type DeadLetter,
  type DeviceInput,
  type Frame,
  type Principal,
  type Reading,
  type Role,
} from '@ronde/contracts';
import { openBus, type Bus } from '@ronde/bus';
import { openInbox, type Shipping } from '@ronde/inbox';
import { createFakeClock, createHealth, createHttp, createSealer, openMetrics, silentLog } from '@ronde/kit';
import { openReadings, type InfluxOptions, type ReadingsStore } from '@ronde/readings';
import { hashSecret, openRegistry } from '@ronde/registry';
import type { SensorTypes } from '@ronde/sensor-types';
import { IngestConfig } from './config.ts';
import { CURSOR } from './consumer.ts';
import type { ErasureLog } from './erasure/reach.ts';
import type { MqttOutlet } from './downlinks/outlet.ts';
import { createIngest } from './service.ts';
import { deadLetterId } from './steps/ledger.ts';

export const NOW = Date.UTC(2026, 0, 5, 6);
export const TENANT = 'default';

/** Gives the id of the dead letter of a frame received at NOW. */
export function letterId(seq: number): string {
  return deadLetterId({ seq, receivedAtMs: NOW });
}

export interface WorldOptions {
  types: SensorTypes;
  /** Keeps the stores between two worlds; a temporary directory unless given. */
  dir?: string;
  /** Directory of the inbox when it is not that of the other stores. */
  inboxDir?: string;
  batchFrames?: number;
  /** Name among several ingest workers. */
  worker?: string;
  /** How fast replays go; as fast as they can unless given. */
  replayFramesPerS?: number;
  /** Puts something between the service and the store, for faults. */
  wrapReadings?: (store: ReadingsStore) => ReadingsStore;
  /** Another store than SQLite's. */
  readingsUrl?: string;
  influx?: InfluxOptions;
  /** Where downlinks to own devices and connected networks go. */
  mqtt?: MqttOutlet;
  /** Records of erasures, and the copy at a second place. */
  erasures?: ErasureLog;
  shipping?: Pick<Shipping, 'erase'>;
}

/** Makes a directory that goes with the test; outside a test (in `beforeAll`) it stays for the system to clear. */
export async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ingest-'));
  atEnd(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function atEnd(run: () => Promise<void>): void {
  // a world of a whole file is opened outside any test and closed by its `afterAll`
  if (expect.getState().currentTestName !== undefined) onTestFinished(run);
}

/** A readings store that can be made to refuse what it is given. */
export function storeInTrouble(isBroken = true) {
  const trouble = { isBroken };
  const wrapReadings = (store: ReadingsStore): ReadingsStore => ({
    ...store,
    append: (batch) =>
      trouble.isBroken ? Promise.reject(new RondeError('READINGS_UNREACHABLE', 'planted')) : store.append(batch),
  });
  return { trouble, wrapReadings };
}

/** Opens the service on real stores in a directory; what is in the inbox is handled once `start` is called. */
export async function openWorld({
  types,
  dir,
  inboxDir,
  batchFrames = 500,
  worker = 'main',
  replayFramesPerS = 1_000_000,
  wrapReadings = (store) => store,
  readingsUrl = 'sqlite:',
  influx,
  mqtt,
  erasures,
  shipping,
}: WorldOptions) {
  const dataDir = dir ?? (await temporaryDir());
  const log = silentLog();
  const clock = createFakeClock(NOW);
  const bus: Bus = await openBus('memory:', log);
  const inbox = await openInbox({ dir: inboxDir ?? dataDir });
  const readings = await openReadings(readingsUrl, { dataDir, log, ...(influx && { influx }) });
  const registry = await openRegistry('sqlite:', { dataDir, log });
  const sealer = createSealer(new Uint8Array(32).fill(7));
  const health = createHealth();
  const metrics = openMetrics();
  const http = await createHttp({ authenticate: async (token) => principalOf(token), version: '0.0.0' });
  const config = IngestConfig.parse({
    INGEST_WORKER: worker,
    INGEST_BATCH_FRAMES: batchFrames,
    REPLAY_FRAMES_PER_S: replayFramesPerS,
  });
  const ingest = createIngest(config, {
    inbox,
    readings: wrapReadings(readings),
    registry,
    bus,
    sensorTypes: types,
    clock,
    log,
    metrics,
    health,
    http,
    sealer,
    mqtt,
    erasures,
    shipping,
  });
  const accepted: Reading[] = [];
  const traces: BusEvents['uplink.handled']['items'] = [];
  bus.on('readings.accepted', (event) => void accepted.push(...event.readings));
  bus.on('uplink.handled', ({ items }) => void traces.push(...items));
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await ingest.stop();
    await http.close();
    await Promise.all([inbox.close(), readings.close(), registry.close(), bus.close()]);
  };
  atEnd(close);

  const send = (body: unknown, frame: Partial<Frame> = {}): Promise<number> => {
    const origin = frame.origin ?? { kind: 'device', id: 'bin-1' };
    const payload =
      body instanceof Uint8Array
        ? body
        : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
    return inbox.append({
      tenant: TENANT,
      source: 'native',
      topic: `v1/${TENANT}/${origin.id}/up`,
      receivedAtMs: clock.nowMs(),
      origin,
      payload,
      ...frame,
    });
  };
  return {
    dataDir,
    clock,
    bus,
    inbox,
    readings,
    registry,
    health,
    metrics,
    http,
    sealer,
    ingest,
    accepted,
    traces,
    send,
    close,
    start: () => ingest.start(),
    async addDevice(id: string, typeId = 'plain', more: Partial<DeviceInput> = {}) {
      await registry.devices.put(TENANT, { id, typeId, ...more, createdAt: clock.iso(), secretHash: hashSecret(id) });
      await bus.publish('registry.changed', { tenant: TENANT, kind: 'device', id, deleted: false });
    },
    /** Waits until every frame of the inbox is handled and announced. */
    async settled() {
      const place = async () => ({ cursor: await readings.cursor(CURSOR), health: health.report().parts['ingest'] });
      await vi.waitFor(
        async () => expect(await place()).toEqual({ cursor: inbox.stats().head, health: { ok: true } }),
        { timeout: 20_000 },
      );
      const handled = inbox.stats().head;
      await vi.waitFor(() => expect(new Set(traces.map(({ uplinkId }) => uplinkId)).has(String(handled))).toBe(true), {
        timeout: 20_000,
      });
    },
    async stored(deviceId = 'bin-1'): Promise<Reading[]> {
      return (await readings.series({ tenant: TENANT, deviceId, fromMs: 0, toMs: Date.UTC(2100), limit: 10_000 }))
        .items;
    },
    letters: (): Promise<DeadLetter[]> => registry.deadLetters.all(TENANT),
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;

const ROLES: readonly Role[] = ['viewer', 'crew', 'operator', 'engineer', 'admin'];

/** Every role has its name as token. */
function principalOf(token: string): Principal | undefined {
  const role = ROLES.find((known) => known === token);
  return role && { tenant: TENANT, role, tokenId: token };
}

/** A message as The Things Stack sends it. */
export function thingsStackUplink(
  devEui: string,
  fields: { hex: string; fPort: number; fCnt?: number; session?: string; atMs?: number; rssi?: number },
): unknown {
  const at = fields.atMs === undefined ? undefined : new Date(fields.atMs).toISOString();
  return {
    end_device_ids: { device_id: `eui-${devEui}`, dev_eui: devEui.toUpperCase(), dev_addr: '27000020' },
    received_at: at,
    uplink_message: {
      session_key_id: fields.session ?? 'session-1',
      f_port: fields.fPort,
      f_cnt: fields.fCnt,
      frm_payload: Buffer.from(fields.hex, 'hex').toString('base64'),
      received_at: at,
      rx_metadata: fields.rssi === undefined ? [] : [{ gateway_ids: { gateway_id: 'gw' }, rssi: fields.rssi, snr: 5 }],
    },
  };
}

export const LORA = {
  source: 'things-stack',
  topic: 'v3/app@ttn/devices/d/up',
  origin: { kind: 'integration', id: 'tts' },
} as const;
