import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RondeError } from '@ronde/contracts';
import { createCallHealth, openThread, type Thread } from '@ronde/kit';
import type { ReadingsOptions } from '../../open.ts';
import type { AppendResult, CopyBatch, ReadingBatch, ReadingsStore } from '../../port.ts';
import { createBackground } from './background.ts';
import { decodeReadings, encodeBatch, encodeCorrection } from './columns.ts';
import { OUTCOMES } from './correct.ts';
import { HOUR_MS } from './fold.ts';
import { createPlaceNumbers, type NewPlaces, type PlaceNumbers } from './place-numbers.ts';
import { createTransfer } from './transfer.ts';
import type { ReadingsHandlers, ThreadData } from './worker.ts';

type ReadingsThread = Thread<ReadingsHandlers>;

// Batches laid out and on their way to the writer; the others wait as they are.
const APPENDS_IN_FLIGHT = 4;

// Devices send what a dead zone held back within hours; what comes later is packed as well, at a greater cost.
const SETTLE_AFTER_MS = 6 * 3_600_000;

/** Opens a readings store in one SQLite file: one thread writes, one answers queries; empty location = DATA_DIR/readings.sqlite. */
export async function openSqliteReadings(location: string, options: ReadingsOptions): Promise<ReadingsStore> {
  const { dataDir, log, settleAfterMs = SETTLE_AFTER_MS } = options;
  const file = location || join(dataDir, 'readings.sqlite');
  const inMemory = file === ':memory:';
  if (!inMemory) makeDirectory(dirname(file));
  const start = (writes: boolean): Promise<ReadingsThread> =>
    openThread<ReadingsHandlers>(new URL('./worker.ts', import.meta.url), {
      file,
      writes,
      settleAfterMs,
    } satisfies ThreadData);
  const writer = await start(true);
  const reader = inMemory ? writer : await start(false);
  const { call } = reader;
  log.info({ file, ...(await call.stats()) }, 'readings.store.open');
  const health = createCallHealth('READINGS_UNREACHABLE');
  const background = createBackground((isAll) => writer.call.compact(isAll), writer.pending, log);
  background.wake();
  const places = createPlaceNumbers();
  const appendInTurn = createBoundedAppend(writer, places);
  const append: ReadingsStore['append'] = (batch) => {
    background.wake();
    return appendInTurn(batch);
  };
  const series: ReadingsStore['series'] = async (query) => {
    const { columns, next } = await call.series(query);
    return { items: decodeReadings(columns), ...(next !== undefined && { next }) };
  };
  const takeGone = async ({ hours, floors }: NonNullable<CopyBatch['gone']>): Promise<void> => {
    const rows = hours.map(({ tenant, fromMs, ...hour }) => ({
      ...hour,
      place: places.of(tenant, hour),
      hour: fromMs / HOUR_MS,
    }));
    await tell(
      places,
      { newPlaces: places.untold(), hours: rows, floors: Object.entries(floors) },
      writer.call.takeGone,
    );
  };
  return health.watch<ReadingsStore>({
    append,
    compact: background.finish,
    scrub: () => writer.call.scrub(),
    expire: (before) => background.inSlices(() => writer.call.expire(before)),
    async correct(batch) {
      background.wake();
      const { outcomes, removed } = await tell(places, encodeCorrection(batch, places), writer.call.correct);
      return {
        outcomes: Array.from(outcomes, (outcome) => OUTCOMES[outcome]!),
        removed: Array.from(removed, (flag) => flag === 1),
      };
    },
    cursor: call.cursor,
    uplinkKeysSince: call.uplinkKeysSince,
    knownUplinkKeys: async (keys) => new Set(await call.knownUplinkKeys(keys)),
    lastValues: async (query) => decodeReadings(await call.lastValues(query)),
    series,
    rollup: call.rollup,
    countSince: call.countSince,
    stats: call.stats,
    health: health.report,
    ...createTransfer({ call, series, append, stats: call.stats, takeGone }),
    async backup(target) {
      // a thread of its own: copying gigabytes must hold up neither appends nor queries
      const copier = inMemory ? writer : await start(false);
      try {
        await copier.call.backup(target);
      } finally {
        if (!inMemory) await copier.close();
      }
    },
    async close() {
      await background.stop();
      if (!inMemory) await reader.close();
      await writer.close();
    },
  });
}

function createBoundedAppend(
  writer: ReadingsThread,
  places: PlaceNumbers,
): (batch: ReadingBatch) => Promise<AppendResult> {
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  return async (batch) => {
    // whoever ends hands its place on, so that batches keep the order in which they came
    if (inFlight >= APPENDS_IN_FLIGHT) await new Promise<void>((resolve) => waiting.push(resolve));
    else inFlight += 1;
    try {
      const stored = await tell(places, encodeBatch(batch, places), writer.call.append);
      return { stored: Array.from(stored, (flag) => flag === 1) };
    } finally {
      const next = waiting.shift();
      if (next) next();
      else inFlight -= 1;
    }
  };
}

/** Sends a batch; calls arrive in the order they were made, so that places told once are known from then on. */
function tell<B extends { newPlaces: NewPlaces }, R>(
  places: PlaceNumbers,
  batch: B,
  call: (batch: B) => Promise<R>,
): Promise<R> {
  const answer = call(batch);
  places.arrived(batch.newPlaces);
  return answer;
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw new RondeError('READINGS_UNREACHABLE', `readings: ${directory} cannot be made`, { cause });
  }
}
