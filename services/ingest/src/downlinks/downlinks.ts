import {
  RondeError,
  type DeviceRecord,
  type Downlink,
  type DownlinkInput,
  type DownlinkStatus,
  type Fault,
  type NetworkEvent,
} from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import { newId, type Cancel, type Clock, type Logger, type Service } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { settingsOf, type SensorTypes } from '@ronde/sensor-types';
import { dutyFaults, intervalOf, sizeFaults } from './limits.ts';
import { handOut, type OutletParts } from './outlet.ts';
import { GIVE_UP_MS, findFor, stepTo } from './steps.ts';

export interface DownlinksParts extends OutletParts {
  registry: Pick<Registry, 'devices' | 'integrations' | 'downlinks'>;
  bus: Bus;
  sensorTypes: Pick<SensorTypes, 'get' | 'choose' | 'encodeSetting'>;
  clock: Clock;
  log: Logger;
  /** Bytes of a device's usual uplink, for its duty cycle. */
  payloadBytesOf(tenant: string, deviceId: string): Promise<number | undefined>;
  /** Whose waiting downlinks are taken up again at the start. */
  tenant: string;
}

/** Downlinks: checked, encoded, handed to the network, followed to the end. What waits outlives restarts. */
export interface Downlinks extends Service {
  /** @throws RondeError RESOURCE_UNKNOWN, DOWNLINK_IMPOSSIBLE with every fault */
  send(tenant: string, deviceId: string, wanted: DownlinkInput, by: string): Promise<Downlink>;
  /** Takes back one that the network has not taken yet. @throws RondeError RESOURCE_UNKNOWN, DOWNLINK_IMPOSSIBLE */
  cancel(tenant: string, id: string): Promise<Downlink>;
  /** Gives the payload that waits for a device that asks for one (Sigfox), and counts it as sent. */
  takeFor(tenant: string, deviceId: string): Promise<Uint8Array | undefined>;
}

const RETRY_EVERY_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
const USUAL_PAYLOAD_BYTES = 12;

export function createDownlinks(parts: DownlinksParts): Downlinks {
  const { registry, bus, sensorTypes, clock, log } = parts;
  /** Downlinks that wait here for their network, by id; with when to try again. */
  const waiting = new Map<string, { tenant: string; dueMs: number }>();
  const ends: Cancel[] = [];
  let working: Promise<void> | undefined;
  let isTurnWaiting = false;

  const save = async (tenant: string, downlink: Downlink): Promise<Downlink> => {
    await registry.downlinks.put(tenant, downlink);
    await bus.publish('downlink.changed', { tenant, downlink });
    return downlink;
  };
  const ofDevice = (tenant: string, deviceId: string, status: DownlinkStatus[]): Promise<Downlink[]> =>
    registry.downlinks.all(tenant, { deviceId, status });

  async function send(tenant: string, deviceId: string, wanted: DownlinkInput, by: string): Promise<Downlink> {
    const device = await registry.devices.get(tenant, deviceId);
    if (!device) throw new RondeError('RESOURCE_UNKNOWN', `there is no device "${deviceId}"`);
    const { fPort, bytes, typeVersion } = await encode(tenant, device, wanted);
    const at = clock.iso();
    const downlink: Downlink = {
      ...wanted,
      id: newId('down', clock.nowMs()),
      deviceId,
      typeVersion,
      fPort,
      payloadHex: Buffer.from(bytes).toString('hex'),
      status: 'queued',
      createdAt: at,
      createdBy: by,
      updatedAt: at,
      attempts: 0,
      history: [{ at, status: 'queued' }],
    };
    const replaced = await supersede(tenant, downlink);
    await save(tenant, downlink);
    return attempt(tenant, downlink, device, replaced);
  }

  async function encode(
    tenant: string,
    device: DeviceRecord,
    { setting, parameters }: DownlinkInput,
  ): Promise<{ fPort: number; bytes: Uint8Array; typeVersion: string }> {
    const chosen = sensorTypes.choose(device.typeId, device.id)?.type;
    if (!chosen) throw new RondeError('SENSOR_TYPE_UNKNOWN', `no sensor type "${device.typeId}"`);
    const { version } = chosen.manifest;
    const encoded = await sensorTypes.encodeSetting(device.typeId, { version, setting, parameters });
    if (!encoded.ok) throw impossible(encoded.faults);
    const summary = settingsOf(chosen).find(({ name }) => name === setting)!;
    const payloadBytes = (await parts.payloadBytesOf(tenant, device.id)) ?? USUAL_PAYLOAD_BYTES;
    const isRadio = device.integrationId !== undefined;
    const faults = isRadio
      ? [...sizeFaults(encoded.value.bytes), ...dutyFaults(intervalOf(summary, parameters), payloadBytes)]
      : [];
    if (faults.length > 0) throw impossible(faults);
    return { ...encoded.value, typeVersion: `${device.typeId}@${version}` };
  }

  /** A newer value for the same setting takes the place of those that have not gone out. */
  async function supersede(tenant: string, { deviceId, setting, id }: Downlink): Promise<boolean> {
    const earlier = await ofDevice(tenant, deviceId, ['queued']);
    const same = earlier.filter((one) => one.setting === setting && one.id !== id);
    for (const one of same) {
      waiting.delete(one.id);
      await save(tenant, stepTo(one, 'superseded', clock.iso(), `by ${id}`));
    }
    // only where nothing else waits in the network's queue may it be emptied
    return same.some((one) => one.handedOverAt !== undefined) && same.length === earlier.length;
  }

  async function attempt(
    tenant: string,
    downlink: Downlink,
    device: DeviceRecord,
    replaces = false,
  ): Promise<Downlink> {
    const answer = await handOut(parts, tenant, { downlink, device, replaces });
    const at = clock.iso();
    const tried = { ...downlink, attempts: downlink.attempts + 1 };
    if (answer.ok) {
      waiting.delete(downlink.id);
      const taken = { ...tried, handedOverAt: at, ...(answer.ref !== undefined && { networkRef: answer.ref }) };
      return save(tenant, stepTo(taken, answer.status, at, 'handed over'));
    }
    if (!answer.retriable) {
      waiting.delete(downlink.id);
      return save(tenant, stepTo(tried, 'failed', at, answer.detail));
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, RETRY_EVERY_MS * 2 ** Math.min(10, downlink.attempts));
    waiting.set(downlink.id, { tenant, dueMs: clock.nowMs() + pauseMs });
    return save(tenant, stepTo(tried, 'queued', at, answer.detail));
  }

  /** Tries what is due, and gives up what has waited too long. */
  async function work(only?: { tenant: string; deviceId: string }): Promise<void> {
    const nowMs = clock.nowMs();
    for (const [id, { tenant, dueMs }] of [...waiting]) {
      if (!only && dueMs > nowMs) continue;
      const downlink = await registry.downlinks.get(tenant, id);
      if (downlink?.status !== 'queued') waiting.delete(id);
      else if (!only || (only.deviceId === downlink.deviceId && only.tenant === tenant)) {
        const device = await registry.devices.get(tenant, downlink.deviceId);
        if (!device || nowMs - Date.parse(downlink.createdAt) > GIVE_UP_MS) {
          waiting.delete(id);
          await save(tenant, stepTo(downlink, 'failed', clock.iso(), 'given up: it could not be handed over'));
        } else await attempt(tenant, downlink, device);
      }
    }
  }

  const tick = (only?: { tenant: string; deviceId: string }): void => {
    // turns that pile up behind a slow network would all do the same
    if (!only && isTurnWaiting) return;
    if (!only) isTurnWaiting = true;
    working = (working ?? Promise.resolve())
      .then(() => {
        if (!only) isTurnWaiting = false;
        return work(only);
      })
      .catch((error: unknown) => log.error({ err: error }, 'ingest.downlink.retry'));
  };

  async function follow(tenant: string, deviceId: string, event: NetworkEvent): Promise<void> {
    if (event.kind !== 'downlink') return;
    const known = await registry.downlinks.list(tenant, { limit: 50, where: { deviceId }, descending: true });
    const downlink = findFor(event, known.items);
    if (!downlink) return;
    const stepped = stepTo(downlink, event.status, clock.iso(), event.detail ?? undefined);
    if (stepped === downlink) return;
    await save(tenant, stepped);
    if (stepped.status === 'acknowledged') await remember(tenant, stepped);
  }

  /** A device that took a new reporting interval is judged by it from now on. */
  async function remember(tenant: string, downlink: Downlink): Promise<void> {
    const device = await registry.devices.get(tenant, downlink.deviceId);
    const type = device && sensorTypes.get(device.typeId);
    const summary = type && settingsOf(type).find(({ name }) => name === downlink.setting);
    const expectedIntervalS = summary && intervalOf(summary, downlink.parameters);
    if (!device || expectedIntervalS === undefined) return;
    await registry.devices.put(tenant, { ...device, expectedIntervalS });
    await bus.publish('registry.changed', { tenant, kind: 'device', id: device.id, deleted: false });
  }

  /** PUBACK of an own device: it has the oldest one that went out. */
  async function taken(tenant: string, deviceId: string): Promise<void> {
    const sent = await ofDevice(tenant, deviceId, ['sent']);
    const oldest = sent.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))[0];
    if (!oldest) return;
    await remember(tenant, await save(tenant, stepTo(oldest, 'acknowledged', clock.iso())));
  }

  return {
    send,
    async cancel(tenant, id) {
      const downlink = await registry.downlinks.get(tenant, id);
      if (!downlink) throw new RondeError('RESOURCE_UNKNOWN', `there is no downlink "${id}"`);
      if (downlink.status !== 'queued' || downlink.handedOverAt !== undefined)
        throw new RondeError('DOWNLINK_IMPOSSIBLE', `the downlink is ${downlink.status} and with the network already`);
      waiting.delete(id);
      return save(tenant, stepTo(downlink, 'cancelled', clock.iso()));
    },
    async takeFor(tenant, deviceId) {
      const queued = await ofDevice(tenant, deviceId, ['queued']);
      const oldest = queued.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))[0];
      if (!oldest) return undefined;
      waiting.delete(oldest.id);
      const at = clock.iso();
      await save(tenant, stepTo({ ...oldest, handedOverAt: at }, 'sent', at, 'fetched by the network'));
      return Buffer.from(oldest.payloadHex, 'hex');
    },
    async start() {
      for (const { id, handedOverAt } of await registry.downlinks.all(parts.tenant, { status: 'queued' }))
        if (handedOverAt === undefined) waiting.set(id, { tenant: parts.tenant, dueMs: clock.nowMs() });
      ends.push(
        bus.on('network.told', async ({ tenant, items }) => {
          for (const { deviceId, event } of items) await follow(tenant, deviceId, event);
        }),
        bus.on('device.listening', (device) => tick(device)),
        bus.on('downlink.taken', ({ tenant, deviceId }) => taken(tenant, deviceId)),
        clock.every(RETRY_EVERY_MS, () => tick()),
      );
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await working;
    },
  };
}

function impossible(faults: readonly Fault[]): RondeError {
  const told = faults.map(({ field, message, remedy }) => ({
    field,
    message: remedy === undefined ? message : `${message}; ${remedy}`,
  }));
  return new RondeError('DOWNLINK_IMPOSSIBLE', 'the setting cannot be sent', { details: { faults: told } });
}
