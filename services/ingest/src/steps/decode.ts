import { ERRORS } from '@ronde/contracts';
import type { CodecInput, SensorTypes, TypeDecodeResult } from '@ronde/sensor-types';
import type { Fresh, TimedValue, Valued } from './item.ts';
import { refusalOfThrown, refuse, type Ledger } from './ledger.ts';
import { fromRadio, fromUplinkValue } from './normalise.ts';

export type Decoders = Pick<SensorTypes, 'get' | 'decode' | 'decodeBatch' | 'blindZoneM'>;

interface Call {
  id: string;
  input: CodecInput;
}

/** Turns bytes into canonical values with the device's codec, one crossing into the sandbox per batch; values pass as they are. */
export async function decode(fresh: readonly Fresh[], ledger: Ledger, types: Decoders): Promise<Valued[]> {
  const known = fresh.filter((item) => isTypeKnown(item, ledger, types));
  const coded = known.filter(hasBytes);
  const results = await decodeAll(coded.map(toCall), types);
  const answers = new Map(coded.map((item, index) => [item, results[index]!]));
  return known.flatMap((item) => {
    const values = valuesOf(item, answers.get(item), ledger);
    if (!values) return [];
    const { version } = types.get(item.device.typeId)!.manifest;
    const typeVersion = `${item.device.typeId}@${version}`;
    const blindZoneM = types.blindZoneM(item.device.typeId);
    return [{ ...item, typeVersion, blindZoneM, values: [...values, ...fromRadio(item.uplink.radio)] }];
  });
}

function isTypeKnown(item: Fresh, ledger: Ledger, types: Decoders): boolean {
  const { typeId, id } = item.device;
  if (types.get(typeId)) return true;
  const reason = `device ${id} has type ${typeId}, which is not installed`;
  refuse(ledger, item, {
    stage: 'decode',
    code: 'SENSOR_TYPE_UNKNOWN',
    reason,
    remedy: ERRORS.SENSOR_TYPE_UNKNOWN.remedy,
    deviceId: id,
  });
  return false;
}

/** An uplink on port 0 without bytes carries LoRaWAN commands only: the device lives, and nothing was measured. */
function hasBytes({ uplink: { bytes, fPort } }: Fresh): boolean {
  return bytes !== null && !(bytes.length === 0 && !fPort);
}

function toCall({ uplink, frame, device }: Fresh): Call {
  const recvTime = new Date(uplink.atMs ?? frame.receivedAtMs).toISOString();
  return { id: device.typeId, input: { bytes: uplink.bytes ?? new Uint8Array(), fPort: uplink.fPort ?? 0, recvTime } };
}

async function decodeAll(calls: Call[], types: Decoders): Promise<(TypeDecodeResult | { thrown: unknown })[]> {
  if (calls.length === 0) return [];
  try {
    return await types.decodeBatch(calls);
  } catch {
    // one codec may have brought the whole batch down: alone, the others still get their answer
    return Promise.all(calls.map((call) => types.decode(call.id, call.input).catch((thrown: unknown) => ({ thrown }))));
  }
}

function valuesOf(
  item: Fresh,
  answer: TypeDecodeResult | { thrown: unknown } | undefined,
  ledger: Ledger,
): TimedValue[] | undefined {
  if (!answer) return item.uplink.values.map(fromUplinkValue);
  const deviceId = item.device.id;
  if ('thrown' in answer) {
    refuse(ledger, item, { ...refusalOfThrown('decode', 'CODEC_FAULT', answer.thrown), deviceId });
    return undefined;
  }
  if (answer.ok) return answer.values;
  const { fPort } = item.uplink;
  const reason = `the codec of ${item.device.typeId} refused port ${fPort}: ${answer.errors.join('; ')}`.slice(0, 2000);
  refuse(ledger, item, { stage: 'decode', code: 'CODEC_FAULT', reason, remedy: ERRORS.CODEC_FAULT.remedy, deviceId });
  return undefined;
}
