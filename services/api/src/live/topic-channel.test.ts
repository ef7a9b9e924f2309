import { expect, test } from 'vitest';
import { createTopicChannel, type ChannelOptions } from './topic-channel.ts';

const open = (options: Partial<ChannelOptions> = {}) =>
  createTopicChannel({ topic: 'incidents', epoch: 'e1', field: 'items', ...options });
const parse = (frame: Buffer | undefined): Record<string, unknown> =>
  JSON.parse(String(frame)) as Record<string, unknown>;

test('changes of one document between two deltas become one', () => {
  const channel = open();
  for (const fill of [1, 2, 3]) channel.set('a', { id: 'a', fill });
  channel.set('b', { id: 'b' });
  expect(parse(channel.takeDelta())).toEqual({
    type: 'delta',
    topic: 'incidents',
    offset: 1,
    items: [{ id: 'a', fill: 3 }, { id: 'b' }],
  });
  expect(channel.takeDelta()).toBeUndefined();
});

test('a document that stays the same makes no delta', () => {
  const channel = open();
  channel.set('a', { id: 'a' });
  channel.takeDelta();
  channel.set('a', { id: 'a' });
  expect(channel.pending).toBe(false);
});

test('a snapshot holds what is, not what was removed or finished', () => {
  const channel = open();
  for (const id of ['a', 'b', 'c']) channel.set(id, { id });
  channel.takeDelta();
  channel.remove('a');
  channel.finish('b', { id: 'b', status: 'resolved' });
  expect(parse(channel.snapshot())).toEqual({
    type: 'snap',
    topic: 'incidents',
    epoch: 'e1',
    offset: 1,
    items: [{ id: 'c' }],
  });
  expect(parse(channel.takeDelta())).toMatchObject({
    offset: 2,
    items: [{ id: 'b', status: 'resolved' }],
    removed: ['a'],
  });
});

test('a client that comes back gets exactly the deltas it missed', () => {
  const channel = open();
  for (const id of ['a', 'b', 'c']) {
    channel.set(id, { id });
    channel.takeDelta();
  }
  expect(channel.missed({ epoch: 'e1', offset: 1 })?.map((frame) => parse(frame)['offset'])).toEqual([2, 3]);
  expect(channel.missed({ epoch: 'e1', offset: 3 })).toEqual([]);
});

test.each([
  ['of another epoch', { epoch: 'e0', offset: 1 }],
  ['from the future', { epoch: 'e1', offset: 99 }],
  ['older than what is kept', { epoch: 'e1', offset: 0 }],
])('a place %s cannot be resumed', (_name, since) => {
  const channel = open({ historyFrames: 2 });
  for (const id of ['a', 'b', 'c', 'd']) {
    channel.set(id, { id });
    channel.takeDelta();
  }
  expect(channel.missed(since)).toBeUndefined();
});

test('kept deltas and documents stay within their bounds', () => {
  const channel = open({ historyBytes: 2000, keep: 3 });
  for (let i = 0; i < 100; i += 1) {
    channel.set(`k${i}`, { id: i, text: 'x'.repeat(500) });
    channel.takeDelta();
  }
  expect(channel.size).toBe(3);
  expect(channel.missed({ epoch: 'e1', offset: 90 })).toBeUndefined();
  expect(channel.missed({ epoch: 'e1', offset: 98 })).toHaveLength(2);
});
