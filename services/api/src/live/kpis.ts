import type { Kpis } from '@ronde/contracts';
import type { Cancel } from '@ronde/kit';
import type { AssetCounts } from './feeds.ts';
import type { LiveDeps } from './live.ts';
import type { RoundTotals } from './rounds-feed.ts';

/** Day boundaries of the strip are those of the people who look at it. */
const TIME_ZONE = 'Europe/Amsterdam';
const TIME_OF_DAY = new Intl.DateTimeFormat('sv-SE', { timeZone: TIME_ZONE, timeStyle: 'medium' });
const DAY_MS = 86_400_000;

/** Opens the numbers of the operations strip: begun from the stores, kept up to date from events. */
export async function openKpis(
  tenant: string,
  deps: LiveDeps,
  sources: { assets: () => AssetCounts; rounds: () => RoundTotals },
): Promise<{ compute(): Promise<Kpis>; end: Cancel }> {
  const { bus, registry, readings, clock } = deps;
  const dayFormat = new Intl.DateTimeFormat('sv-SE', { timeZone: TIME_ZONE, dateStyle: 'short' });
  const today = (): string => dayFormat.format(clock.nowMs());
  let day = today();
  let readingsToday = await readings.countSince(tenant, midnightMs(clock.nowMs()));
  let overflowSoon: number | null = null;
  const turnDay = (): void => {
    if (day === today()) return;
    day = today();
    readingsToday = 0;
  };
  const ends = [
    bus.on('readings.accepted', (event) => {
      if (event.tenant !== tenant) return;
      turnDay();
      readingsToday += event.readings.length;
    }),
    bus.on('forecast.updated', (event) => {
      if (event.tenant === tenant) overflowSoon = event.overflowSoon;
    }),
  ];
  return {
    end: () => ends.forEach((end) => end()),
    async compute() {
      turnDay();
      const deadLetters = await registry.deadLetters.count(tenant, { status: 'open' });
      return { ...sources.assets(), ...sources.rounds(), overflowSoon, readingsToday, deadLetters };
    },
  };
}

/** Gives the moment at which the day of `nowMs` began in the strip's time zone. */
function midnightMs(nowMs: number): number {
  const startMs = nowMs - sinceMidnightMs(nowMs);
  // on the days of a clock change the wall has turned an hour in between
  const offMs = sinceMidnightMs(startMs);
  return offMs > DAY_MS / 2 ? startMs + DAY_MS - offMs : startMs - offMs;
}

function sinceMidnightMs(atMs: number): number {
  const [hours = 0, minutes = 0, seconds = 0] = TIME_OF_DAY.format(atMs).split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + (atMs % 1000);
}
