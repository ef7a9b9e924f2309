import type { Kpis } from '@ronde/contracts';
import type { Cancel } from '@ronde/kit';
import type { AssetCounts } from './feeds.ts';
import type { LiveDeps } from './live.ts';
import type { RoundTotals } from './rounds-feed.ts';

/** Day boundaries of the strip are those of the people who look at it. */
const TIME_ZONE = 'Europe/Amsterdam';

/** The numbers of the operations strip, kept up to date from events. */
export function createKpis(
  tenant: string,
  deps: LiveDeps,
  sources: { assets: () => AssetCounts; rounds: () => RoundTotals },
): { compute(): Promise<Kpis>; end: Cancel } {
  const { bus, registry, clock } = deps;
  const dayFormat = new Intl.DateTimeFormat('sv-SE', { timeZone: TIME_ZONE, dateStyle: 'short' });
  const today = (): string => dayFormat.format(clock.nowMs());
  let day = today();
  let readingsToday = 0;
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
