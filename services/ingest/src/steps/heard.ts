import type { UplinkHeard } from '@ronde/contracts';
import type { SensorTypes } from '@ronde/sensor-types';
import type { Identified } from './item.ts';

const LORAWAN_COUNTER_BITS = 32;

/** What decoding showed of uplinks, by their ids: those that became readings, and the device's own counter in them. */
export type Readable = ReadonlyMap<string, { counter?: number | undefined }>;

/** Gives uplinks as their links see them. Where the network counts nothing the counter in the payload does. */
export function toHeard(
  uplinks: readonly Identified[],
  readable: Readable,
  types: Pick<SensorTypes, 'get'>,
): UplinkHeard[] {
  const own = uplinks.filter(({ isOfEvent }) => isOfEvent !== true);
  return own.map(({ uplink, frame, device, uplinkId, epoch = '' }) => ({
    deviceId: device.id,
    typeId: device.typeId,
    source: uplink.source,
    uplinkId,
    receivedAtMs: frame.receivedAtMs,
    atMs: uplink.atMs ?? frame.receivedAtMs,
    session: uplink.session + epoch,
    fCnt: uplink.fCnt ?? readable.get(uplinkId)?.counter ?? null,
    counterBits: uplink.counterBits ?? ownCounterBits(uplink, types.get(device.typeId)) ?? LORAWAN_COUNTER_BITS,
    fPort: uplink.fPort,
    payloadBytes: uplink.bytes?.length ?? null,
    radio: uplink.radio,
    late: uplink.late === true,
    readable: readable.has(uplinkId),
  }));
}

/** A network server widens a device's counter to 32 bits; a device that sends by itself does not, nor one in a payload. */
function ownCounterBits(
  { source, fCnt }: Identified['uplink'],
  type: ReturnType<SensorTypes['get']>,
): UplinkHeard['counterBits'] | undefined {
  return source === 'native' || fCnt === null ? type?.manifest.counterBits : undefined;
}
