import { z } from 'zod';
import { Id, RondeError, type StoredFrame } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import { allow, type Clock, type HttpServer } from '@ronde/kit';
import type { ReadingsStore } from '@ronde/readings';
import type { Registry } from '@ronde/registry';
import type { Identified } from './steps/item.ts';
import { seqOfLetter } from './steps/ledger.ts';

export interface DeviceFramesParts {
  inbox: Pick<Inbox, 'read'>;
  readings: Pick<ReadingsStore, 'series'>;
  registry: Pick<Registry, 'devices' | 'deadLetters'>;
  clock: Clock;
  identify: (frames: readonly StoredFrame[]) => Promise<Identified[]>;
}

const DeviceFrame = z.object({ at: z.string(), fPort: z.number().int().nullable(), hex: z.string() });
type DeviceFrame = z.infer<typeof DeviceFrame>;

const BACK_MS = 30 * 86_400_000;
/** Readings looked at per frame wanted: an uplink gives some ten of them at most. */
const READINGS_A_FRAME = 12;

/** Adds the newest frames of a device as it sent them, to try a codec on. */
export function addDeviceFrames(http: HttpServer, parts: DeviceFramesParts): void {
  http.get(
    '/v1/devices/:id/frames',
    {
      preHandler: allow('engineer', 'admin'),
      schema: {
        tags: ['sensor types'],
        summary: 'The newest messages of a device as it sent them, newest first, readable or not',
        params: z.object({ id: Id }),
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(50).default(20) }),
        response: { 200: z.object({ items: z.array(DeviceFrame) }) },
      },
    },
    async ({ principal: { tenant }, params: { id }, query: { limit } }) => {
      if (!(await parts.registry.devices.get(tenant, id)))
        throw new RondeError('RESOURCE_UNKNOWN', `there is no device "${id}"`);
      return { items: await newestFrames(parts, { tenant, deviceId: id, limit }) };
    },
  );
}

async function newestFrames(
  { inbox, readings, registry, clock, identify }: DeviceFramesParts,
  { tenant, deviceId, limit }: { tenant: string; deviceId: string; limit: number },
): Promise<DeviceFrame[]> {
  const toMs = clock.nowMs() + 1;
  const [read, unread] = await Promise.all([
    readings.series({
      tenant,
      deviceId,
      fromMs: toMs - BACK_MS,
      toMs,
      limit: limit * READINGS_A_FRAME,
      descending: true,
    }),
    registry.deadLetters.list(tenant, { limit, where: { deviceId }, descending: true }),
  ]);
  // an uplink id begins with the frame's place
  const places = [
    ...read.items.map(({ uplinkId }) => Number.parseInt(uplinkId, 10)),
    ...unread.items.map(({ id }) => seqOfLetter(id)),
  ].filter((seq) => seq > 0);
  const frames: DeviceFrame[] = [];
  for (const seq of [...new Set(places)].sort((a, b) => b - a)) {
    if (frames.length >= limit) break;
    // retention may have dropped it: then the next one is read, and is no frame of this place
    const found = (await inbox.read(seq - 1, 1)).filter((frame) => frame.seq === seq && frame.tenant === tenant);
    const own = (await identify(found)).filter(({ device }) => device.id === deviceId);
    for (const { uplink, frame } of own) {
      if (!uplink.bytes) continue;
      const at = new Date(frame.receivedAtMs).toISOString();
      frames.push({ at, fPort: uplink.fPort, hex: Buffer.from(uplink.bytes).toString('hex') });
    }
  }
  return frames.slice(0, limit);
}
