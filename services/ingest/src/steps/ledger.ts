import {
  ERRORS,
  isRondeError,
  type DeadLetter,
  type DeadLetterStage,
  type Fault,
  type StoredFrame,
  type UplinkTrace,
} from '@ronde/contracts';
import { isoTime } from './iso-time.ts';
import type { Announcement, Opened } from './item.ts';

export type DeadLetterCode = DeadLetter['code'];

/** Why an uplink or a whole frame cannot become readings. */
export interface Refusal {
  stage: DeadLetterStage;
  code: DeadLetterCode;
  reason: string;
  remedy: string;
  deviceId?: string | undefined;
  unknownDeviceId?: string | undefined;
}

/** What became of the frames of a batch: one trace per uplink, at most one dead letter per frame. */
export interface Ledger {
  traces: UplinkTrace[];
  deadLetters: Map<number, DeadLetter>;
  /** Uplinks of devices that nobody registered. */
  unknown: Opened[];
  duplicates: number;
  ignored: number;
  events: number;
}

export function openLedger(): Ledger {
  return { traces: [], deadLetters: new Map(), unknown: [], duplicates: 0, ignored: 0, events: 0 };
}

/** Gives the id of a frame's dead letter: the same however often it is read, another one in an inbox begun anew. */
export function deadLetterId({ seq, receivedAtMs }: Pick<StoredFrame, 'seq' | 'receivedAtMs'>): string {
  return `dl-${seq}-${receivedAtMs.toString(36)}`;
}

/** Gives the place in the inbox of a dead letter's frame; NaN for an id that is none. */
export function seqOfLetter(id: string): number {
  return Number.parseInt(/^dl-(\d+)-/.exec(id)?.[1] ?? '', 10);
}

/** Notes that a frame or one of its uplinks could not become readings. */
export function refuse(ledger: Ledger, of: StoredFrame | Opened, refusal: Refusal): void {
  keep(ledger, of, refusal);
  const deviceId = refusal.deviceId ?? null;
  ledger.traces.push({ ...traceOf(of, 'dead-letter', deviceId), code: refusal.code });
}

/** Notes a part of an accepted frame that could not be used: a dead letter without refusing the rest. */
export function keep(ledger: Ledger, of: StoredFrame | Opened, refusal: Refusal): void {
  const frame = 'frame' in of ? of.frame : of;
  const earlier = ledger.deadLetters.get(frame.seq);
  // one letter per frame: what further uplinks lack is added to its reason
  if (earlier) earlier.reason = `${earlier.reason}; ${refusal.reason}`.slice(0, 2000);
  else ledger.deadLetters.set(frame.seq, toDeadLetter(frame, refusal));
}

export function noteDuplicate(ledger: Ledger, item: Opened, deviceId: string): void {
  ledger.duplicates += 1;
  ledger.traces.push(traceOf(item, 'duplicate', deviceId));
}

export function noteIgnored(ledger: Ledger, frame: StoredFrame): void {
  ledger.ignored += 1;
  ledger.traces.push(traceOf(frame, 'ignored', null));
}

/** Notes a message that only tells of a device; without `deviceId` of one that is not registered. */
export function noteEvent(ledger: Ledger, { frame, uplinkId }: Announcement, deviceId: string | undefined): void {
  const known = deviceId !== undefined;
  if (known) ledger.events += 1;
  else ledger.ignored += 1;
  const trace = traceOf(frame, known ? 'event' : 'ignored', deviceId ?? null);
  ledger.traces.push({ ...trace, uplinkId, ...(!known && { code: 'DEVICE_UNKNOWN' }) });
}

/** Gives one line of live traffic; never the payload, only its size. */
export function traceOf(
  of: StoredFrame | Opened,
  outcome: UplinkTrace['outcome'],
  deviceId: string | null,
): UplinkTrace {
  const frame = 'frame' in of ? of.frame : of;
  return {
    uplinkId: 'frame' in of ? of.uplinkId : String(frame.seq),
    receivedAt: isoTime(frame.receivedAtMs),
    source: frame.source,
    topic: frame.topic,
    deviceId,
    outcome,
    readings: 0,
    bytes: frame.payload.length,
  };
}

/** Makes a refusal of a parser's faults: every field with what is wrong, and the remedies without repetition. */
export function refusalOf(stage: DeadLetterStage, code: DeadLetterCode, faults: readonly Fault[]): Refusal {
  const reason = faults.map(({ field, message }) => `${field} ${message}`).join('; ') || 'the message is not usable';
  const remedies = [...new Set(faults.flatMap(({ remedy }) => (remedy ? [remedy] : [])))];
  return {
    stage,
    code,
    reason: reason.slice(0, 2000),
    remedy: remedies.join('; ').slice(0, 1000) || ERRORS[code].remedy,
  };
}

/**
 * Makes a refusal of something a step threw.
 * @throws what was thrown, when trying again can help: the batch is then tried again as a whole
 */
export function refusalOfThrown(stage: DeadLetterStage, code: DeadLetterCode, thrown: unknown): Refusal {
  if (isRondeError(thrown) && thrown.definition.retriable) throw thrown;
  const cause = thrown instanceof Error ? thrown.message : String(thrown);
  return { stage, code, reason: `the ${stage} step broke off: ${cause}`.slice(0, 2000), remedy: ERRORS[code].remedy };
}

function toDeadLetter(frame: StoredFrame, refusal: Refusal): DeadLetter {
  return {
    id: deadLetterId(frame),
    receivedAt: isoTime(frame.receivedAtMs),
    source: frame.source,
    topic: frame.topic,
    ...(refusal.deviceId !== undefined && { deviceId: refusal.deviceId }),
    ...(refusal.unknownDeviceId !== undefined && { unknownDeviceId: refusal.unknownDeviceId }),
    stage: refusal.stage,
    code: refusal.code,
    reason: refusal.reason,
    remedy: refusal.remedy,
    rawBase64: Buffer.from(frame.payload).toString('base64'),
    status: 'open',
  };
}
