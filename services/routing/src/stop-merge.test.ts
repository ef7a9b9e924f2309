import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CrewEvent, Round, Stop } from '@ronde/contracts';
import { advanceRound } from './stop-progress.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 5, 8, minute)).toISOString();
const STOP: Stop = {
  id: 's1',
  seq: 1,
  kind: 'asset',
  assetIds: ['x', 'y'],
  lat: 52,
  lon: 5,
  eta: at(10),
  serviceS: 120,
  reason: 'r',
  status: 'planned',
};
const ROUND: Round = {
  id: 'r',
  version: 1,
  planId: 'p',
  vehicleId: 'v',
  crewId: 'c',
  status: 'active',
  startsAt: at(0),
  endsAt: at(59),
  stops: [STOP],
  leftOut: [],
  distanceM: 0,
  durationS: 0,
};

const events = fc
  .array(
    fc.record({
      kind: fc.constantFrom('arrived', 'emptied', 'skipped', 'declined', 'problem', 'full' as const),
      minute: fc.integer({ min: 0, max: 50 }),
      assetId: fc.constantFrom(undefined, 'x', 'y'),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((list) =>
    list.map(({ kind, minute, assetId }, index): CrewEvent => ({
      id: `event-${index}`,
      roundId: 'r',
      roundVersion: 1,
      stopId: 's1',
      kind: kind as CrewEvent['kind'],
      deviceAt: at(minute),
      ...(assetId && kind !== 'full' && { assetId }),
    })),
  );

test('two tablets that tell the same events in any order leave the same stop, and no skip of an emptied stop is lost', () => {
  fc.assert(
    fc.property(events, fc.infiniteStream(fc.nat()), (list, draws) => {
      const shuffled = list
        .map((event) => ({ event, key: draws.next().value as number }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ event }) => event);
      const take = (order: CrewEvent[]): Stop =>
        order.reduce((round, event, index) => advanceRound(round, event, order.slice(0, index)), ROUND).stops[0]!;
      const [told, toldOtherwise] = [take(list), take(shuffled)];
      const { eta: _, ...stop } = told;
      const { eta: __, ...otherStop } = toldOtherwise;
      expect(otherStop).toEqual(stop);
      const whole = list.filter(({ assetId }) => assetId === undefined);
      const emptied = whole.filter(({ kind }) => kind === 'emptied').map(({ deviceAt }) => deviceAt);
      const first = emptied.toSorted()[0];
      if (first === undefined) return;
      expect(stop.status).toBe('done');
      for (const { id, kind, deviceAt } of whole)
        if ((kind === 'skipped' || kind === 'declined') && deviceAt > first)
          expect(stop.conflicts?.map(({ eventId }) => eventId)).toContain(id);
    }),
    { numRuns: 400, seed: 3 },
  );
});
