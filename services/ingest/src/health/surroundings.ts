import type { Reading } from '@ronde/contracts';
import { findMixUps, median, type CrewVisit, type MixUp } from '@ronde/device-health';
import type { Book } from './book.ts';

const SPAN_MS = 30 * 60_000;
const NEIGHBOURS = 200;
const VISITS_KEPT = 20;
const MONTH_MS = 30 * 86_400_000;

/** Gives how much the other sensors of a tenant warmed up lately, degrees: the sun shines on all of them, a fire on one. */
export function ambientRise(book: Book, exceptId: string, nowMs: number): number {
  const rises: number[] = [];
  for (const [id, { memory }] of book.entries) {
    if (id === exceptId || !memory) continue;
    const span = memory.temperatures.filter(({ atMs }) => atMs >= nowMs - SPAN_MS);
    if (span.length < 2) continue;
    rises.push(span.at(-1)!.celsius - Math.min(...span.map(({ celsius }) => celsius)));
    if (rises.length >= NEIGHBOURS) break;
  }
  return rises.length < 3 ? 0 : median(rises);
}

/** When crews emptied each asset, the last times only. */
export type Visits = Map<string, number[]>;

/** Notes emptyings that crews reported. */
export function noteVisits(visits: Visits, readings: readonly Reading[]): void {
  for (const { assetId, flags, at } of readings) {
    if (assetId === null || !flags.includes('CREW_EMPTIED')) continue;
    const times = visits.get(assetId) ?? [];
    const atMs = Date.parse(at);
    // several chambers of one asset are one visit
    if (times.some((known) => Math.abs(known - atMs) < 60_000)) continue;
    times.push(atMs);
    visits.set(assetId, times.slice(-VISITS_KEPT));
  }
}

/** Finds mounted sensors whose levels follow another asset's emptyings, by device. */
export function mixUpsOf(book: Book, visits: Visits, nowMs: number): Map<string, MixUp> {
  const fromMs = nowMs - MONTH_MS;
  const mounted = [...book.entries.values()].filter(
    ({ device, memory }) => device.assetId !== undefined && memory && memory.drops.length > 0,
  );
  const placements = mounted.map(({ device }) => ({ deviceId: device.id, assetId: device.assetId! }));
  const drops = mounted.flatMap(({ device, memory }) =>
    memory!.drops.filter((atMs) => atMs >= fromMs).map((atMs) => ({ deviceId: device.id, atMs })),
  );
  const recent: CrewVisit[] = [...visits].flatMap(([assetId, times]) =>
    times.filter((atMs) => atMs >= fromMs).map((atMs) => ({ assetId, atMs })),
  );
  return new Map(findMixUps(placements, drops, recent).map((mixUp) => [mixUp.deviceId, mixUp]));
}
