import { expect, test } from 'vitest';
import { matchesFilter } from './topics.ts';

test.each([
  ['a/b/c', 'a/b/c', true],
  ['a/b/c', 'a/+/c', true],
  ['a/b/c', 'a/b', false],
  ['a/b', 'a/b/c', false],
  ['a/b/c', 'a/#', true],
  // MQTT 3.1.1 §4.7.1.2: the level above is meant too
  ['a/b', 'a/b/#', true],
  ['a', 'a/b/#', false],
  ['spBv1.0/city/NCMD/edge 1', 'spBv1.0/city/NCMD/edge 1/#', true],
] as const)('topic %s against filter %s: %s', (topic, filter, wanted) => {
  expect(matchesFilter(topic, filter)).toBe(wanted);
});
