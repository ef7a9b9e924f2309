import { expect, test } from 'vitest';
import { LIVE_TOPICS, type LiveTopic } from '@ronde/contracts';
import { createFakeClock } from '@ronde/kit';
import { createLiveHub, type Follower } from './live-hub.ts';
import { createTopicChannel, type TopicChannel } from './topic-channel.ts';

function open() {
  const clock = createFakeClock();
  const channels = Object.fromEntries(
    LIVE_TOPICS.map((topic) => [topic, createTopicChannel({ topic, epoch: 'e', field: 'items' })]),
  );
  const hub = createLiveHub(channels as Record<LiveTopic, TopicChannel>, clock);
  const sent: { topic: string; type: string; atMs: number }[] = [];
  const take = (frame: Buffer | string): void => {
    const { topic, type } = JSON.parse(String(frame)) as { topic: string; type: string };
    sent.push({ topic, type, atMs: clock.nowMs() - startMs });
  };
  const startMs = clock.nowMs();
  const follower: Follower = {
    topics: new Map(),
    outlet: { open: true, congested: false, drained: true, send: take, sendSnapshot: take },
  };
  const change = (topic: LiveTopic, value: number): void => {
    hub.channel(topic).set('a', { value });
    hub.touch();
  };
  return { hub, clock, sent, follower, change };
}

test('the first change goes out at once, those of the next quarter second together at its end', () => {
  const { hub, clock, sent, follower, change } = open();
  hub.follow(follower, 'incidents');
  change('incidents', 1);
  clock.advance(0);
  for (let i = 2; i <= 100; i += 1) {
    change('incidents', i);
    clock.advance(10);
  }
  clock.advance(1000);
  expect(sent.map(({ type, atMs }) => [type, atMs])).toEqual([
    ['snap', 0],
    ['delta', 0],
    ['delta', 250],
    ['delta', 500],
    ['delta', 750],
    ['delta', 1000],
  ]);
});

test('a busy topic does not make another one wait', () => {
  const { hub, clock, sent, follower, change } = open();
  hub.follow(follower, 'kpis');
  hub.follow(follower, 'assets');
  clock.advance(10);
  change('kpis', 1);
  clock.advance(10);
  change('assets', 1);
  clock.advance(0);
  expect(sent.slice(2)).toEqual([
    { topic: 'kpis', type: 'delta', atMs: 10 },
    { topic: 'assets', type: 'delta', atMs: 20 },
  ]);
});

test('a hub without followers sets no timer and still numbers its deltas', () => {
  const { hub, clock, change } = open();
  change('assets', 1);
  clock.advance(300);
  change('assets', 2);
  expect(hub.channel('assets').offset).toBe(2);
  expect(hub.channel('assets').missed({ epoch: 'e', offset: 0 })).toHaveLength(2);
});
