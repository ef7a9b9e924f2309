import type { LiveTopic, Since } from '@ronde/contracts';
import type { Cancel, Clock } from '@ronde/kit';
import { CONGESTED_BYTES, type Outlet } from './outlet.ts';
import type { TopicChannel } from './topic-channel.ts';

/** Deltas of a topic go out at most four times a second. */
export const PAUSE_MS = 250;

/** One client's place in a hub. */
export interface Follower {
  outlet: Outlet;
  /** Topics followed; true = deltas were left out, a fresh snapshot is due. */
  topics: Map<LiveTopic, boolean>;
}

/** Spreads the channels of one tenant over its clients. */
export interface LiveHub {
  channel(topic: LiveTopic): TopicChannel;
  /** Says that a channel may have changed: a delta goes out at once, or when the pause is over. */
  touch(): void;
  follow(follower: Follower, topic: LiveTopic, since?: Since): void;
  leave(follower: Follower): void;
  readonly followers: number;
  close(): void;
}

/** Creates a hub; `hostClock` runs on host time, whatever the platform's clock does. */
export function createLiveHub(channels: Record<LiveTopic, TopicChannel>, hostClock: Clock): LiveHub {
  const followers = new Set<Follower>();
  let flushedMs = -Infinity;
  let timer: Cancel | undefined;
  const flush = (): void => {
    timer = undefined;
    flushedMs = hostClock.nowMs();
    for (const channel of Object.values(channels)) {
      const delta = channel.takeDelta();
      if (delta) for (const follower of followers) passOn(follower, channel.topic, delta);
    }
    let due = false;
    for (const follower of followers) due = settle(follower, channels) || due;
    if (due) schedule();
  };
  const schedule = (): void => {
    if (timer || followers.size === 0) return;
    timer = hostClock.after(Math.max(0, flushedMs + PAUSE_MS - hostClock.nowMs()), flush);
  };
  return {
    channel: (topic) => channels[topic],
    touch() {
      if (followers.size > 0) return schedule();
      // nobody listens: the delta is only kept for those who come back, so no timer is needed to pace it
      if (hostClock.nowMs() - flushedMs >= PAUSE_MS) flush();
    },
    follow(follower, topic, since) {
      followers.add(follower);
      const missed = since && channels[topic].missed(since);
      if (missed && !follower.outlet.congested && totalBytes(missed) <= CONGESTED_BYTES) {
        follower.topics.set(topic, false);
        for (const frame of missed) follower.outlet.send(frame);
      } else {
        follower.topics.set(topic, true);
        settle(follower, channels);
      }
      schedule();
    },
    leave: (follower) => void followers.delete(follower),
    get followers() {
      return followers.size;
    },
    close() {
      timer?.();
      followers.clear();
    },
  };
}

function passOn(follower: Follower, topic: LiveTopic, delta: Buffer): void {
  if (follower.topics.get(topic) !== false) return;
  if (follower.outlet.congested) follower.topics.set(topic, true);
  else follower.outlet.send(delta);
}

/** Sends the snapshots that are due as far as there is room; tells whether some still are. */
function settle(follower: Follower, channels: Record<LiveTopic, TopicChannel>): boolean {
  let due = false;
  for (const [topic, wanted] of follower.topics) {
    if (!wanted || !follower.outlet.open) continue;
    if (!follower.outlet.drained) due = true;
    else {
      follower.outlet.sendSnapshot(channels[topic].snapshot());
      follower.topics.set(topic, false);
    }
  }
  return due;
}

function totalBytes(frames: Buffer[]): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}
