import type { LiveTopic, Since } from '@ronde/contracts';
import type { Cancel, Clock } from '@ronde/kit';
import { CONGESTED_BYTES, type Outlet } from './outlet.ts';
import type { TopicChannel } from './topic-channel.ts';

/** Deltas of one topic go out at most four times a second, the first at once. */
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

/** Creates a hub; each topic has its own pace. `hostClock` runs on host time, whatever the platform's clock does. */
export function createLiveHub(channels: Record<LiveTopic, TopicChannel>, hostClock: Clock): LiveHub {
  const followers = new Set<Follower>();
  const flushedMs = new Map<TopicChannel, number>();
  let timer: { cancel: Cancel; dueMs: number } | undefined;
  const dueMsOf = (channel: TopicChannel): number => (flushedMs.get(channel) ?? -Infinity) + PAUSE_MS;
  /** Sends what is due; gives the moment of the next delta or snapshot. */
  const flush = (): number => {
    const nowMs = hostClock.nowMs();
    let nextMs = Infinity;
    for (const channel of Object.values(channels)) {
      if (!channel.pending) continue;
      if (dueMsOf(channel) > nowMs) nextMs = Math.min(nextMs, dueMsOf(channel));
      else {
        flushedMs.set(channel, nowMs);
        const delta = channel.takeDelta();
        if (delta) for (const follower of followers) passOn(follower, channel.topic, delta);
      }
    }
    for (const follower of followers) if (settle(follower, channels)) nextMs = Math.min(nextMs, nowMs + PAUSE_MS);
    return nextMs;
  };
  const schedule = (dueMs: number): void => {
    if (dueMs === Infinity || followers.size === 0 || (timer && timer.dueMs <= dueMs)) return;
    timer?.cancel();
    const run = (): void => {
      timer = undefined;
      schedule(flush());
    };
    timer = { dueMs, cancel: hostClock.after(Math.max(0, dueMs - hostClock.nowMs()), run) };
  };
  return {
    channel: (topic) => channels[topic],
    touch() {
      // nobody listens: the delta is only kept for those who come back, so no timer is needed to pace it
      if (followers.size === 0) return void flush();
      for (const channel of Object.values(channels)) if (channel.pending) schedule(dueMsOf(channel));
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
      schedule(hostClock.nowMs());
    },
    leave: (follower) => void followers.delete(follower),
    get followers() {
      return followers.size;
    },
    close() {
      timer?.cancel();
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
