import { expect, test } from 'vitest';
import { CrewEvent } from './crew-event.ts';

const event = {
  roundId: 'r-1',
  roundVersion: 1,
  stopId: 's-1',
  kind: 'emptied',
  deviceAt: '2026-01-05T08:00:00+01:00',
};

test.each(['0198f4a2-7f00-7abc-8def-0123456789ab', 'ev-1', 'A_7'])('the id %s of a tablet is taken', (id) => {
  expect(CrewEvent.safeParse({ ...event, id }).error).toBeUndefined();
});

test.each(['', '-1', 'a b', 'x'.repeat(65)])('the id "%s" breaks the grammar of ids', (id) => {
  expect(CrewEvent.safeParse({ ...event, id }).success).toBe(false);
});
