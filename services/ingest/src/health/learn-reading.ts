import type { Reading } from '@ronde/contracts';
import { JUMP_WINDOW, continueRun, lastingJump } from '@ronde/device-health';
import { KEEP, isTrusted, keepNewest } from './memory.ts';
import type { DeviceMemory } from './memory.ts';

const HOUR_MS = 3_600_000;
const JUMPS_KEPT = 12;
/** Longer gaps say nothing of when in between the level rose. */
const RISE_GAP_MS = 4 * HOUR_MS;
const FADE = 0.99;

/** Takes in what a reading says about the sensor itself and its place. */
export function learnReading(memory: DeviceMemory, reading: Reading, tiltedDeg: number): void {
  const atMs = Date.parse(reading.at);
  if (reading.flags.includes('CLOCK_IMPLAUSIBLE')) memory.clockFaults = Math.min(20, memory.clockFaults + 1);
  else if (memory.clockFaults > 0) memory.clockFaults -= 0.5;
  const { quantity, value } = reading;
  if (quantity === 'tilt' || quantity === 'tiltAngle') {
    if (value !== null && reading.quality !== 'invalid')
      learnTilt(memory, quantity === 'tilt' ? value === 1 : Math.abs(value) > tiltedDeg, atMs);
    return;
  }
  if (value === null || !isTrusted(reading)) return;
  if (quantity === 'temperature') keepNewest(memory.temperatures, { atMs, celsius: value }, KEEP.temperatures);
  else if (quantity === 'battery' && !reading.flags.includes('REPLAYED')) learnBattery(memory, value, atMs);
  else if (quantity === 'batteryVoltage') memory.voltage = value;
  else if (quantity === 'batteryLow') memory.isBatteryLow = value === 1;
  else if (quantity === 'distance') learnDistance(memory, value, atMs);
  else if (quantity === 'fill') learnLevel(memory, value, atMs);
}

function learnTilt(memory: DeviceMemory, isTilted: boolean, atMs: number): void {
  if (!isTilted) memory.tilted = null;
  else memory.tilted = { sinceMs: memory.tilted?.sinceMs ?? atMs, count: (memory.tilted?.count ?? 0) + 1 };
}

function learnBattery(memory: DeviceMemory, charge: number, atMs: number): void {
  if (!memory.battery || atMs >= memory.battery.atMs) memory.battery = { charge, atMs, basis: 'device' };
}

function learnDistance(memory: DeviceMemory, distanceM: number, atMs: number): void {
  if (!keepNewest(memory.distances, { atMs, distanceM }, JUMP_WINDOW)) return;
  memory.same = continueRun(memory.same, distanceM, atMs);
  const jump = lastingJump(memory.distances.map((point) => point.distanceM));
  if (!jump) return;
  memory.jumps.push(jump);
  if (memory.jumps.length > JUMPS_KEPT) memory.jumps.shift();
}

function learnLevel(memory: DeviceMemory, level: number, atMs: number): void {
  const before = memory.levels.at(-1);
  if (!keepNewest(memory.levels, { atMs, level }, KEEP.levels)) return;
  if (memory.distances.length === 0) memory.same = continueRun(memory.same, level, atMs);
  if (before) learnRise(memory, before, { atMs, level });
  const window = memory.levels.slice(-JUMP_WINDOW);
  // a level falls where a distance jumps: seen from the rim it is the same shape
  if (window.length === JUMP_WINDOW && lastingJump(window.map((point) => 1 - point.level))) {
    memory.drops.push(window[1]!.atMs);
    if (memory.drops.length > KEEP.drops) memory.drops.shift();
  }
}

function learnRise(
  memory: DeviceMemory,
  before: { atMs: number; level: number },
  after: { atMs: number; level: number },
): void {
  const gapMs = after.atMs - before.atMs;
  if (gapMs > RISE_GAP_MS || after.level < before.level - 0.05) return;
  const hour = memory.rises[new Date(before.atMs).getUTCHours()]!;
  hour.gained = hour.gained * FADE + Math.max(0, after.level - before.level);
  hour.hours = hour.hours * FADE + gapMs / HOUR_MS;
}

/** Gives how much the level usually rises per hour at that time of day; 0 while too little is known. */
export function usualRise(memory: DeviceMemory, atMs: number): number {
  const { gained, hours } = memory.rises[new Date(atMs).getUTCHours()]!;
  return hours < 3 ? 0 : gained / hours;
}
