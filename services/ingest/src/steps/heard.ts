import type { UplinkHeard } from '@ronde/contracts';
import type { SensorTypes } from '@ronde/sensor-types';
import type { Identified } from './item.ts';

const LORAWAN_COUNTER_BITS = 32;

/** Gives uplinks as their links see them. @param readable ids of those that became readings */
export function toHeard(
  uplinks: readonly Identified[],
  readable: ReadonlySet<string>,
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
    fCnt: uplink.fCnt,
    counterBits: uplink.counterBits ?? ownCounterBits(uplink.source, types.get(device.typeId)) ?? LORAWAN_COUNTER_BITS,
    fPort: uplink.fPort,
    payloadBytes: uplink.bytes?.length ?? null,
    radio: uplink.radio,
    late: uplink.late === true,
    readable: readable.has(uplinkId),
  }));
}

/** A network server widens a device's counter to 32 bits; a device that sends by itself does not. */
function ownCounterBits(source: string, type: ReturnType<SensorTypes['get']>): UplinkHeard['counterBits'] | undefined {
  return source === 'native' ? type?.manifest.counterBits : undefined;
}
