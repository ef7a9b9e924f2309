import type { UplinkHeard } from '@ronde/contracts';
import { FRAMES_PER_WORKER } from '@ronde/inbox';
import { followCounter, intervalMs, learnArrival, learnGap, missedIn } from '@ronde/device-health';
import { fillGap, noteGap } from './gaps.ts';
import type { DeviceMemory } from './memory.ts';

const READABLE_KEPT = 20;
const DAY_MS = 86_400_000;
/** Weight of the newest signal in the running mean. */
const SIGNAL_WEIGHT = 0.2;

/** Takes in an uplink's counter, signal and time; `known` is what setting and type say of its interval. */
export function learnUplink(
  memory: DeviceMemory,
  heard: UplinkHeard,
  known: { settingMs?: number | undefined; typeMs?: number | undefined },
): void {
  if (isKnown(memory.lastUplinkId, heard.uplinkId)) return;
  memory.lastUplinkId = heard.uplinkId;
  memory.received += 1;
  memory.lastSeenMs = Math.max(memory.lastSeenMs, heard.late ? 0 : heard.receivedAtMs);
  memory.readable.push(heard.readable);
  if (memory.readable.length > READABLE_KEPT) memory.readable.shift();
  learnSignal(memory, heard);
  const missedBefore = learnCounter(memory, heard);
  const gapMs = heard.atMs - memory.lastSentMs;
  const everyMs = intervalMs(memory.cadence, known);
  if (gapMs > 0 && memory.received > 1 && !heard.late) {
    // a counter knows how many intervals the gap held; without one the gap's length has to do
    const missed = missedBefore ?? (everyMs === undefined ? 0 : missedIn(gapMs, everyMs));
    learnGap(memory.cadence, gapMs / (1 + (missedBefore ?? 0)));
    learnArrival(memory.losses, missed);
  }
  memory.lastSentMs = Math.max(memory.lastSentMs, heard.atMs);
  noteDay(memory, heard.receivedAtMs, missedBefore ?? 0);
}

/** Uplink ids begin with the frame's place in the inbox of its worker, which only grows; workers say nothing of each other. */
function isKnown(last: string, uplinkId: string): boolean {
  if (last === '' || uplinkId === last) return uplinkId === last;
  const [seq, lastSeq] = [Number.parseInt(uplinkId, 10), Number.parseInt(last, 10)];
  return seq < lastSeq && Math.floor(seq / FRAMES_PER_WORKER) === Math.floor(lastSeq / FRAMES_PER_WORKER);
}

function learnSignal(memory: DeviceMemory, { radio, payloadBytes }: UplinkHeard): void {
  if (payloadBytes !== null) memory.payloadBytes = payloadBytes;
  if (!radio) return;
  memory.rssi = blend(memory.rssi, radio.rssi);
  memory.snr = blend(memory.snr, radio.snr);
  memory.spreadingFactor = radio.spreadingFactor ?? memory.spreadingFactor;
}

function blend(mean: number | null, next: number | null): number | null {
  if (next === null) return mean;
  return mean === null ? next : mean + SIGNAL_WEIGHT * (next - mean);
}

/** Follows the counter; gives how many uplinks are missing just before this one, or undefined without a counter. */
function learnCounter(memory: DeviceMemory, heard: UplinkHeard): number | undefined {
  const { fCnt, session, counterBits } = heard;
  if (fCnt === null) return undefined;
  const seen = { session, counter: fCnt, bits: counterBits, joined: memory.joined };
  const { step, track } = followCounter(memory.counter, seen);
  // what was fetched from far back is no restart
  if (step.kind === 'late' || (heard.late && step.kind === 'reset')) {
    if (fillGap(memory.gaps, session, { counter: fCnt, span: 2 ** counterBits })) memory.recovered += 1;
    return undefined;
  }
  memory.counter = track;
  memory.joined = false;
  if (step.kind === 'reset') memory.resets += 1;
  if (step.kind !== 'gap') return 0;
  const missing = step.to - step.from + 1;
  memory.missed += missing;
  noteGap(memory.gaps, { session, from: step.from, to: step.to, atMs: heard.receivedAtMs });
  return missing;
}

function noteDay(memory: DeviceMemory, atMs: number, missed: number): void {
  const day = Math.floor(atMs / DAY_MS);
  const last = memory.week.at(-1);
  if (last && last.day >= day) {
    last.received += 1;
    last.missed += missed;
    return;
  }
  memory.week.push({ day, received: 1, missed });
  if (memory.week.length > 7) memory.week.shift();
}

/** Gives the share of uplinks missing by counter over the last seven days; null without a counter. */
export function weeklyLoss(memory: DeviceMemory, nowMs: number): number | null {
  if (!memory.counter) return null;
  const from = Math.floor(nowMs / DAY_MS) - 7;
  const days = memory.week.filter(({ day }) => day > from);
  const missed = days.reduce((sum, day) => sum + day.missed, 0);
  const received = days.reduce((sum, day) => sum + day.received, 0);
  return received + missed === 0 ? null : missed / (received + missed);
}
