import { effect, untracked } from '@preact/signals';
import type { CrewEventAck, CrewServerMessage, Round } from '@ronde/contracts';
import { createResilientSocket, type ChannelMessage, type ResilientSocket } from '../shared/live/resilient-socket.ts';
import { serverClock } from '../shared/live/server-clock.ts';
import { call } from '../shared/rest.ts';
import { token } from '../shared/session.ts';
import { createBins, type Bins } from './bins.ts';
import { createDelivery } from './delivery.ts';
import { createMarks, type Marks } from './marks.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { isEnded } from './overlay.ts';
import { stopPosition } from './position.ts';
import { createRounds, type Rounds } from './rounds.ts';
import { entries, hasReach, isOnline, link, round, shownRounds, storageFault } from './state.ts';
import { clockMemory, createTabletClock, type TabletClock } from './tablet-clock.ts';
import { openTabletStore } from './tablet-store.ts';
import { createWakeLock } from './wake-lock.ts';
import { learnVehicleNames } from './vehicle-names.ts';

/** Everything behind the screen, while it is open. */
export interface CrewSession {
  marks: Marks;
  outbox: Outbox;
  rounds: Rounds;
  retry(): void;
  stop(): void;
}

const REFRESH_BINS_MS = 60_000;

/** The platform's time, also without reach. */
const tabletClock: TabletClock = createTabletClock({
  monotonicMs: () => performance.now(),
  hostMs: () => Date.now(),
  memory: clockMemory,
});
export const serverNow = (): number => tabletClock.nowMs();

const after = (delayMs: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

/**
 * Opens the tablet's storage, shows what was kept, and connects.
 * @throws when the browser gives no storage: without it no mark would survive
 */
export async function openCrewSession(): Promise<CrewSession> {
  const store = await openTabletStore();
  const bins = createBins(store);
  const parts = createParts(store, bins);
  const { outbox, rounds, socket } = parts;
  rounds.restore(await store.readSnapshot());
  await Promise.all([outbox.load(), bins.restore()]);
  const unfollow = followBrowser(parts, bins);
  socket.start();
  const marks = createMarks({ outbox, serverNowMs: serverNow, monotonicMs: () => performance.now() });
  return {
    marks,
    outbox,
    rounds,
    retry() {
      socket.retryNow();
      void outbox.flushNow();
    },
    stop() {
      unfollow();
      rounds.stop();
      outbox.stop();
      socket.stop();
      stopPosition();
      store.close();
    },
  };
}

interface Parts {
  outbox: Outbox;
  rounds: Rounds;
  socket: ResilientSocket;
}

function createParts(store: Awaited<ReturnType<typeof openTabletStore>>, bins: Bins): Parts {
  const acked = new Map<string, number>();
  const acknowledge = ({ id, version }: Pick<Round, 'id' | 'version'>): void => {
    if (acked.get(id) !== version && socket.send({ type: 'ack', roundId: id, version })) acked.set(id, version);
  };
  const learn = (): void => {
    void bins.complete();
    void learnVehicleNames(shownRounds.value.flatMap(vehiclesOf));
  };
  const rounds = createRounds({
    save: (snapshot) => void store.writeSnapshot(snapshot).catch(noteFault),
    onShown(shown) {
      acknowledge(shown);
      learn();
    },
  });
  const delivery = createDelivery({
    send: (message) => socket.send(message),
    post: (event) => call<CrewEventAck>('/v1/crew-events', { method: 'POST', body: event }),
    isOnline: () => isOnline.value,
    after,
  });
  const outbox = createOutbox({
    storage: store.outbox,
    deliver: delivery.deliver,
    hostMs: () => Date.now(),
    random: Math.random,
    after,
    onChange: (next) => (entries.value = next),
    onDelivered: (event) => rounds.settle(event),
  });
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = createResilientSocket<ChannelMessage>({
    url: `${scheme}://${location.host}/v1/crew`,
    token: () => token.value,
    topics: ['rounds'],
    singleTopic: true,
    onServerTime(serverTime) {
      tabletClock.observe(serverTime);
      // the words that all screens share tell by this one which times are of another day
      serverClock.observe(serverTime);
    },
    onState(state) {
      link.value = state;
      if (state.kind !== 'live') delivery.failed();
    },
    onMessage: (message) => receive(message as CrewServerMessage),
  });
  const receive = (message: CrewServerMessage): void => {
    if (message.type === 'snap' || message.type === 'round') rounds.receive(message);
    else if (message.type === 'eventAck') delivery.acked(message);
    else if (message.type === 'error') delivery.failed();
    else if (message.type === 'hello') {
      const shown = round.value;
      if (shown) acknowledge(shown);
      learn();
      void outbox.flushNow();
    }
  };
  return { outbox, rounds, socket };
}

/** The vehicle of a round, and those of events that contradict its stops. */
function vehiclesOf({ vehicleId, stops }: Round): string[] {
  const others = stops.flatMap(({ conflicts = [] }) => conflicts.flatMap((conflict) => conflict.vehicleId ?? []));
  return [vehicleId, ...others];
}

function noteFault(error: unknown): void {
  storageFault.value = error instanceof Error ? error.message : String(error);
}

/** Listens to what the browser knows of network and visibility; a line that came back is made anew, since the old one is dead. */
function followBrowser({ outbox, socket }: Parts, bins: Bins): () => void {
  const isActive = (): boolean => round.value !== undefined && round.value.stops.some((stop) => !isEnded(stop));
  const wakeLock = createWakeLock(isActive);
  const onOnline = (): void => {
    isOnline.value = true;
    socket.stop();
    socket.start();
    void outbox.flushNow();
  };
  const onOffline = (): void => {
    isOnline.value = false;
  };
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') void outbox.flush();
  };
  const refresh = (): void => {
    const open = round.value?.stops.filter((stop) => !isEnded(stop)).map(({ id }) => id) ?? [];
    void bins.refreshNext(open);
  };
  const timer = setInterval(refresh, REFRESH_BINS_MS);
  const stopFollowing = effect(() => {
    void round.value;
    wakeLock.update();
    if (!isActive()) stopPosition();
  });
  const stopCompleting = effect(() => {
    if (hasReach.value) untracked(() => void bins.complete());
  });
  window.addEventListener('online', onOnline);
  window.addEventListener('offline', onOffline);
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    clearInterval(timer);
    stopFollowing();
    stopCompleting();
    wakeLock.stop();
    window.removeEventListener('online', onOnline);
    window.removeEventListener('offline', onOffline);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
