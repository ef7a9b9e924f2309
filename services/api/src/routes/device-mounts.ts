import { z } from 'zod';
import {
  Device,
  Mount,
  MountInput,
  SwapInput,
  UnmountInput,
  mountsOf,
  moved,
  placeOf,
  statusFaults,
  statusOf,
  type DeviceRecord,
  type Fault,
  type Place,
  type Result,
} from '@ronde/contracts';
import { allow, etagOf, refuse } from '@ronde/kit';
import { ENGINEERS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { faultOf, found } from '../faults.ts';
import { announce } from './context.ts';
import { chamberFault, judged, shownDevice } from './device-records.ts';
import { IdParams } from './documents.ts';
import { sharedMeasures } from './shared-measures.ts';

const Swapped = z.object({ removed: Device, mounted: Device });
/** Clocks of people and servers differ a little. */
const SKEW_MS = 60_000;

/** Adds where devices hang and hung: mount, unmount, swap, history. */
export function addDeviceMounts(deps: ApiDeps): void {
  addHistory(deps);
  addMount(deps);
  addUnmount(deps);
  addSwap(deps);
}

function addHistory({ http, registry }: ApiDeps): void {
  http.get('/v1/devices/:id/mounts', {
    preHandler: allow(...STAFF),
    schema: {
      summary: 'Stays of a device on assets, oldest first; `to` null = until further notice',
      params: IdParams,
      response: { 200: z.object({ items: z.array(Mount) }) },
    },
    handler: async (request) => {
      const { id } = request.params;
      return { items: mountsOf(found(await registry.devices.get(request.principal.tenant, id), 'device', id)) };
    },
  });
}

function addMount(deps: ApiDeps): void {
  deps.http.post('/v1/devices/:id/mount', {
    preHandler: allow(...ENGINEERS),
    schema: {
      summary: 'Mount a device on an asset, now or at an earlier moment; where it hung before, that stay ends then',
      params: IdParams,
      body: MountInput,
      response: { 200: Device },
    },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      const { at = deps.clock.iso(), allowShared, ...place } = request.body;
      const device = found(await deps.registry.devices.get(tenant, id), 'device', id);
      const hung = hang(device, place, at);
      const faults = await placeFaults(deps, tenant, { device, place, at, allowShared, leaving: undefined });
      const record = judged(hung, [futureFault(deps, at), ...faults]);
      await save(deps, tenant, [record]);
      void reply.header('etag', etagOf(shownDevice(record)));
      const warnings = await storedSince(deps, tenant, { device, at, assetId: place.assetId });
      return { ...shownDevice(record), ...(warnings.length > 0 && { warnings }) };
    },
  });
}

/** Readings that are stored keep the asset they were given: whoever mounts back in time hears of it. */
async function storedSince(
  { readings, clock }: ApiDeps,
  tenant: string,
  { device, at, assetId }: { device: DeviceRecord; at: string; assetId: string },
): Promise<string[]> {
  const span = { tenant, deviceId: device.id, fromMs: Date.parse(at), toMs: clock.nowMs(), limit: 1 };
  if (span.fromMs >= span.toMs) return [];
  const [first] = (await readings.series(span)).items;
  if (!first || first.assetId === assetId) return [];
  const where = first.assetId === null ? 'without an asset' : `under "${first.assetId}"`;
  return [
    `readings measured since ${at} that are stored already stay ${where}; those that arrive from now on go to "${assetId}"`,
  ];
}

function addUnmount(deps: ApiDeps): void {
  deps.http.post('/v1/devices/:id/unmount', {
    preHandler: allow(...ENGINEERS),
    schema: {
      summary: 'Take a device off its asset, into stock, maintenance or retirement',
      params: IdParams,
      body: UnmountInput,
      response: { 200: Device },
    },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      const { at = deps.clock.iso(), status } = request.body;
      const device = found(await deps.registry.devices.get(tenant, id), 'device', id);
      const record = judged(takenOff(device, { at, status }), [futureFault(deps, at)]);
      await save(deps, tenant, [record]);
      void reply.header('etag', etagOf(shownDevice(record)));
      return shownDevice(record);
    },
  });
}

function addSwap(deps: ApiDeps): void {
  deps.http.post('/v1/devices/:id/swap', {
    preHandler: allow(...ENGINEERS),
    schema: {
      summary: 'Put another device in the place of this one, both at one moment',
      params: IdParams,
      body: SwapInput,
      response: { 200: Swapped },
    },
    handler: async (request) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      const { byDeviceId, at = deps.clock.iso(), status } = request.body;
      const device = found(await deps.registry.devices.get(tenant, id), 'device', id);
      const other = await deps.registry.devices.get(tenant, byDeviceId);
      const place = placeOf(device);
      const faults: (Fault | undefined)[] = [
        futureFault(deps, at),
        place ? undefined : faultOf('id', `"${id}" hangs nowhere`, `POST /v1/devices/${byDeviceId}/mount instead`),
        byDeviceId === id ? faultOf('byDeviceId', 'is the same device') : undefined,
        other ? undefined : faultOf('byDeviceId', `there is no device "${byDeviceId}"`),
        other?.assetId !== undefined && byDeviceId !== id
          ? faultOf('byDeviceId', `hangs on "${other.assetId}"`, 'unmount it there first')
          : undefined,
      ];
      if (!place || !other) return refuseAll(faults);
      faults.push(...(await placeFaults(deps, tenant, { device: other, place, at, leaving: id })));
      const removed = judged(takenOff(device, { at, status }), faults);
      const mounted = judged(hang(other, place, at), faults);
      await save(deps, tenant, [removed, mounted]);
      return { removed: shownDevice(removed), mounted: shownDevice(mounted) };
    },
  });
}

/** Takes a device off its asset at a moment. */
export function takenOff(
  device: DeviceRecord,
  change: { at: string; status: DeviceRecord['status'] & string },
): Result<DeviceRecord> {
  const { at, status } = change;
  if (device.assetId === undefined)
    return {
      ok: false,
      faults: [faultOf('id', `"${device.id}" hangs nowhere`, `PUT /v1/devices/${device.id} sets a status`)],
    };
  const faults = statusFaults({ from: statusOf(device), to: status, mounted: false });
  const result = moved(device, undefined, at);
  if (!result.ok || faults.length > 0) return { ok: false, faults: [...faults, ...(result.ok ? [] : result.faults)] };
  return { ok: true, value: { ...result.value, status } };
}

function hang(device: DeviceRecord, place: Place, at: string): Result<DeviceRecord> {
  const faults = statusFaults({ from: statusOf(device), to: 'installed', mounted: true });
  const result = moved(device, place, at);
  if (!result.ok || faults.length > 0) return { ok: false, faults: [...faults, ...(result.ok ? [] : result.faults)] };
  return { ok: true, value: { ...result.value, status: 'installed' } };
}

interface Placing {
  device: DeviceRecord;
  place: Place;
  at: string;
  allowShared?: boolean | undefined;
  /** The device whose place is taken over. */
  leaving: string | undefined;
}

async function placeFaults(deps: ApiDeps, tenant: string, placing: Placing): Promise<(Fault | undefined)[]> {
  const { device, place, at, allowShared, leaving } = placing;
  const asset = await deps.registry.assets.get(tenant, place.assetId);
  if (!asset) return [faultOf('assetId', `there is no asset "${place.assetId}"`, 'add it first')];
  const others = allowShared
    ? []
    : await othersSince(deps, tenant, { assetId: asset.id, at, except: [device.id, leaving] });
  const shared = sharedMeasures(deps.sensorTypes, { asset, device: { ...device, chamber: place.chamber }, others });
  return [
    chamberFault(asset, place.chamber),
    ...shared.map(({ otherId, quantities }) =>
      faultOf(
        'assetId',
        `"${otherId}" measures ${quantities.join(', ')} there too`,
        'swap it, unmount it, or send "allowShared": true',
      ),
    ),
  ];
}

/** Finds the devices that hung on an asset at some time from `at` on, each with its chamber of that time. */
async function othersSince(
  { registry, clock }: ApiDeps,
  tenant: string,
  asked: { assetId: string; at: string; except: readonly (string | undefined)[] },
): Promise<{ id: string; typeId: string; chamber?: string | undefined }[]> {
  const atMs = Date.parse(asked.at);
  const isNow = atMs >= clock.nowMs() - SKEW_MS;
  // only a moment in the past can meet a device that has left since, and those no index knows
  const candidates = isNow
    ? await registry.devices.all(tenant, { assetId: asked.assetId })
    : await registry.devices.all(tenant);
  return candidates
    .filter(({ id }) => !asked.except.includes(id))
    .flatMap((device) =>
      mountsOf(device)
        .filter(({ assetId, to }) => assetId === asked.assetId && (to === null || Date.parse(to) > atMs))
        .map(({ chamber }) => ({ id: device.id, typeId: device.typeId, chamber })),
    );
}

function futureFault({ clock }: ApiDeps, at: string): Fault | undefined {
  return Date.parse(at) > clock.nowMs() + SKEW_MS
    ? faultOf('at', 'lies in the future', 'leave it out for now, or give when it happened')
    : undefined;
}

function refuseAll(faults: (Fault | undefined)[]): never {
  refuse(faults);
  throw new TypeError('nothing to refuse');
}

async function save(deps: ApiDeps, tenant: string, records: DeviceRecord[]): Promise<void> {
  await deps.registry.devices.putAll(tenant, records);
  for (const { id } of records) await announce(deps, tenant, { kind: 'device', id });
}
