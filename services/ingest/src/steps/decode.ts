import { ERRORS, type CanonicalValue, type DeviceRecord } from '@ronde/contracts';
import type { Breath } from '@ronde/kit';
import type { ChosenVersion, DecodeItem, Refusal, SensorTypes, TypeDecodeResult } from '@ronde/sensor-types';
import type { Fresh, Identified, TimedValue, Valued } from './item.ts';
import { isoTime } from './iso-time.ts';
import { keep, refusalOf, refusalOfThrown, refuse, type Ledger } from './ledger.ts';
import { fromRadio, fromUplinkValue } from './normalise.ts';

export type Decoders = Pick<SensorTypes, 'get' | 'choose' | 'decode' | 'decodeBatch'>;

export interface DecodeOptions {
  types: Decoders;
  /** Which version reads a device's uplinks; undefined = its type is not installed. */
  pick: (device: DeviceRecord) => ChosenVersion | undefined;
}

/** How an uplink fared that a canary version read, beside the active version on the same bytes. */
export interface CanaryTrial {
  typeId: string;
  version: string;
  canaryFailed: boolean;
  activeFailed: boolean;
}

export interface Decoded {
  valued: Valued[];
  trials: CanaryTrial[];
}

type Type = ChosenVersion['type'];
type Answer = TypeDecodeResult | { thrown: unknown };
interface Picked {
  item: Identified;
  chosen: ChosenVersion;
}

/** What the codec said of one uplink: undefined where it was not asked. */
interface Asked {
  chosen: ChosenVersion;
  answer: Answer | undefined;
  /** What the active version says, where a canary was chosen. */
  shadow: Answer | undefined;
}
/** What the codecs said of a batch, by uplink id. */
export type CodecAnswers = ReadonlyMap<string, Asked>;

/**
 * Asks the codec that each device's version has, in few crossings into the sandbox. It leaves no trace, and does not
 * wait for the batches before: copies are asked about as well, and thrown away after.
 */
export async function askCodecs(
  items: readonly Identified[],
  { types, pick, breathe }: DecodeOptions & { breathe: Breath },
): Promise<CodecAnswers> {
  const picked = items.flatMap((item) => {
    const chosen = pick(item.device);
    return chosen ? [{ item, chosen }] : [];
  });
  const coded = picked.filter(({ item, chosen }) => isForType(item, chosen.type));
  // what a canary reads the active version reads too, and only its success is looked at
  const shadowed = coded.filter(({ item, chosen }) => chosen.canary && types.get(item.device.typeId) !== undefined);
  const calls = [
    ...coded.map((one) => toCall(one, one.chosen.type.manifest.version)),
    ...shadowed.map((one) => toCall(one, undefined)),
  ];
  const results = await decodeInPieces(calls, types, breathe);
  const answers = new Map<string, Asked>();
  for (const { item, chosen } of picked) answers.set(item.uplinkId, { chosen, answer: undefined, shadow: undefined });
  coded.forEach(({ item }, index) => (answers.get(item.uplinkId)!.answer = results[index]));
  shadowed.forEach(({ item }, index) => (answers.get(item.uplinkId)!.shadow = results[coded.length + index]));
  return answers;
}

/** Takes the canonical values out of what the codecs said; values that came as such pass as they are. */
export async function decode(
  fresh: readonly Fresh[],
  answers: CodecAnswers,
  { ledger, breathe }: { ledger: Ledger; breathe: Breath },
): Promise<Decoded> {
  const decoded: Decoded = { valued: [], trials: [] };
  for (const item of fresh) {
    await breathe();
    const asked = answers.get(item.uplinkId);
    if (!asked) {
      refuseType(item, ledger);
      continue;
    }
    const valued = toValued(item, asked, ledger);
    if (valued) decoded.valued.push(valued);
    if (asked.answer && asked.shadow) decoded.trials.push(toTrial(asked.chosen, asked.answer, asked.shadow));
  }
  return decoded;
}

function refuseType(item: Fresh, ledger: Ledger): void {
  const { typeId, id } = item.device;
  refuse(ledger, item, {
    stage: 'decode',
    code: 'SENSOR_TYPE_UNKNOWN',
    reason: `device ${id} has type ${typeId}, which is not installed`,
    remedy: ERRORS.SENSOR_TYPE_UNKNOWN.remedy,
    deviceId: id,
  });
}

function toValued(item: Fresh, { chosen, answer }: Asked, ledger: Ledger): Valued | undefined {
  const values = valuesOf(item, chosen, { answer, ledger });
  if (!values) return undefined;
  const { version, geometry } = chosen.type.manifest;
  const marked = chosen.canary
    ? values.map((value) => ({ ...value, flags: [...value.flags, 'CANARY' as const] }))
    : values;
  return {
    ...item,
    typeVersion: `${item.device.typeId}@${version}`,
    ...(answer && 'ok' in answer && answer.ok && answer.counter !== undefined && { counter: answer.counter }),
    geometry,
    values: [...marked, ...fromRadio(item.uplink.radio)],
  };
}

/**
 * Tells whether an uplink is its type's to read: bytes, or a record in a vendor's words. One on port 0 without bytes
 * carries LoRaWAN commands only: the device lives, and nothing was measured.
 */
export function isForType({ uplink: { bytes, fPort, data, words } }: Pick<Fresh, 'uplink'>, type: Type): boolean {
  if (data !== undefined || (words && readsRecords(type))) return true;
  return bytes !== null && !(bytes.length === 0 && !fPort);
}

/** A type with lines and nothing that reads bytes is there for records. */
function readsRecords({ codec, manifest }: Type): boolean {
  return codec === null && manifest.measurements !== 'catalogue';
}

function toCall({ item, chosen }: Picked, version: string | undefined): DecodeItem {
  return { id: item.device.typeId, version, input: inputOf(item, chosen.type) };
}

/** Gives an uplink as its type sees it. */
export function inputOf({ uplink, frame }: Omit<Fresh, 'key'>, type: Type): DecodeItem['input'] {
  const data = uplink.data ?? (readsRecords(type) ? uplink.words?.record : undefined);
  if (data !== undefined) return { data };
  // Sigfox, NB-IoT relays and the like have no ports: the type's first one is meant
  const fPort = uplink.fPort ?? type.manifest.fPorts[0] ?? 0;
  const recvTime = isoTime(uplink.atMs ?? frame.receivedAtMs);
  return { bytes: uplink.bytes ?? new Uint8Array(), fPort, recvTime };
}

/** What is asked at once: answers of a large batch would keep the event loop for several times as long. */
const PIECE = 100;

async function decodeInPieces(calls: readonly DecodeItem[], types: Decoders, breathe: Breath): Promise<Answer[]> {
  const pieces: Promise<Answer[]>[] = [];
  for (let from = 0; from < calls.length; from += PIECE) {
    await breathe();
    pieces.push(decodeAll(calls.slice(from, from + PIECE), types));
  }
  return (await Promise.all(pieces)).flat();
}

async function decodeAll(calls: DecodeItem[], types: Decoders): Promise<Answer[]> {
  try {
    return await types.decodeBatch(calls);
  } catch {
    // one codec may have brought the whole batch down: alone, the others still get their answer
    return Promise.all(
      calls.map(({ id, input, version }) => types.decode(id, input, version).catch((thrown: unknown) => ({ thrown }))),
    );
  }
}

function toTrial({ type: { manifest } }: ChosenVersion, canary: Answer, active: Answer): CanaryTrial {
  return {
    typeId: manifest.id,
    version: manifest.version,
    canaryFailed: isFailure(canary),
    activeFailed: isFailure(active),
  };
}

/** A version fails on an uplink when it refuses it, and when it gives values of which none can be used. */
export function isFailure(answer: Answer): boolean {
  if ('thrown' in answer || !answer.ok) return true;
  const unusable = ({ quality, value }: CanonicalValue): boolean => quality === 'invalid' || value === null;
  return answer.values.length > 0 && answer.values.every(unusable);
}

function valuesOf(
  item: Fresh,
  chosen: ChosenVersion,
  { answer, ledger }: { answer: Answer | undefined; ledger: Ledger },
): TimedValue[] | undefined {
  if (!answer) return fromCatalogue(item, ledger);
  const deviceId = item.device.id;
  if ('thrown' in answer) {
    refuse(ledger, item, { ...refusalOfThrown('decode', 'CODEC_FAULT', answer.thrown), deviceId });
    return undefined;
  }
  if (answer.ok) {
    // what the network knows besides, such as the battery: the device's own word goes first
    const others = item.uplink.values.filter(({ quantity }) => !answer.values.some((one) => one.quantity === quantity));
    return answer.values.length + others.length > 0
      ? [...answer.values, ...others.map(fromUplinkValue)]
      : fromCatalogue(item, ledger);
  }
  refuse(ledger, item, { stage: 'decode', code: 'CODEC_FAULT', ...noAnswer(item, chosen, answer), deviceId });
  return undefined;
}

/** Takes values by their catalogue names; names that it does not know are told, and refused where they are all there is. */
function fromCatalogue(item: Fresh, ledger: Ledger): TimedValue[] | undefined {
  const { values, words } = item.uplink;
  if (words && words.faults.length > 0) {
    const refusal = { ...refusalOf('envelope', 'PAYLOAD_MALFORMED', words.faults), deviceId: item.device.id };
    if (values.length === 0) {
      refuse(ledger, item, refusal);
      return undefined;
    }
    keep(ledger, item, refusal);
  }
  return values.map(fromUplinkValue);
}

/** Tells apart a codec that refused, one that was stopped at a limit, and one that was not asked. */
function noAnswer(
  item: Fresh,
  chosen: ChosenVersion,
  { errors, stopped }: Refusal,
): { reason: string; remedy: string } {
  const codec = `the codec of ${item.device.typeId} ${chosen.type.manifest.version}`;
  const { remedy } = ERRORS.CODEC_FAULT;
  if (stopped === 'paused')
    return {
      reason: `${codec} is paused after repeated faults; this uplink was not decoded`,
      remedy: 'mend the codec, or wait for the pause of a minute to end, then replay',
    };
  const what = stopped === 'fault' ? 'was stopped on' : 'refused';
  return { reason: `${codec} ${what} port ${item.uplink.fPort}: ${errors.join('; ')}`.slice(0, 2000), remedy };
}
