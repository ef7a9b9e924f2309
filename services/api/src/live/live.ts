import { randomBytes } from 'node:crypto';
import { LIVE_TOPICS, RondeError, type LiveTopic } from '@ronde/contracts';
import {
  authenticateWith,
  checkOrigin,
  gauge,
  type Cancel,
  type Clock,
  type HttpRequest,
  type WebSocket,
} from '@ronde/kit';
import type { ApiConfig } from '../config.ts';
import type { ApiDeps } from '../deps.ts';
import { openFeeds, type Feeds } from './feeds.ts';
import { createLiveClient, type LiveClient } from './live-client.ts';
import { createLiveHub, type LiveHub } from './live-hub.ts';
import type { States } from '../states.ts';
import { createTopicChannel, type TopicChannel } from './topic-channel.ts';

/** The newest lines of raw traffic that a fresh client sees. */
const RAW_KEPT = 200;

export interface LiveDeps extends ApiDeps {
  hostClock: Clock;
  states: States;
}

/** The live channel of all tenants. */
export interface Live {
  addRoute(): void;
  /** Starts a tenant's feeds before anybody looks, so that its counters are right. */
  open(tenant: string): Promise<void>;
  stop(): void;
}

/** Creates the live channel; other tenants' feeds start with their first client and go on, so that clients can come back. */
export function createLive(config: ApiConfig, deps: LiveDeps): Live {
  const { http, bus, hostClock } = deps;
  let epoch = newEpoch();
  const clients = new Set<LiveClient>();
  const hubs = new Map<string, Promise<{ hub: LiveHub; feeds: Feeds }>>();
  const timers: Cancel[] = [];
  const hubOf = async (tenant: string): Promise<LiveHub> => {
    const known = hubs.get(tenant) ?? openHub(tenant, { ...deps, epoch });
    hubs.set(tenant, known);
    // a failure must not stick: the next client tries again
    known.catch(() => hubs.delete(tenant));
    return (await known).hub;
  };
  const take = (socket: WebSocket, request: HttpRequest): void => {
    const client = createLiveClient(socket, {
      epoch,
      hostClock,
      heartbeatMs: config.LIVE_HEARTBEAT_MS,
      authTimeoutMs: config.LIVE_AUTH_TIMEOUT_MS,
      platformIso: () => deps.clock.iso(),
      authenticate: (token) => authenticateWith(request, token),
      hubOf,
    });
    clients.add(client);
    socket.on('close', () => clients.delete(client));
  };
  const recheckAll = (): void => {
    for (const client of clients)
      client.recheck().catch((error: unknown) => deps.log.warn({ err: error }, 'api.live.recheck'));
  };
  const closeHubs = (): void => {
    for (const opening of hubs.values()) {
      opening.then(
        ({ hub, feeds }) => {
          feeds.close();
          hub.close();
        },
        () => undefined,
      );
    }
    hubs.clear();
  };
  /** Events of other processes were missed: everything is read again, and who looks gets it whole. */
  const startAnew = async (): Promise<void> => {
    epoch = newEpoch();
    const tenants = [...hubs.keys()];
    closeHubs();
    for (const client of clients) client.restart();
    for (const tenant of tenants) await hubOf(tenant);
  };
  const unsentBytes = (): number => [...clients].reduce((sum, client) => sum + client.unsentBytes(), 0);
  gauge(deps.metrics, 'live_waiting_bytes', 'Bytes that dashboards have yet to take', unsentBytes);
  gauge(deps.metrics, 'live_clients', 'Open live connections of dashboards', () => clients.size);
  return {
    addRoute() {
      http.get(
        '/v1/live',
        { websocket: true, onRequest: async (request) => checkUpgrade(request, config, clients.size) },
        take,
      );
      timers.push(
        hostClock.every(config.LIVE_HEARTBEAT_MS, () => clients.forEach((client) => client.beat())),
        hostClock.every(config.LIVE_RECHECK_MS, recheckAll),
        bus.onGap(startAnew),
        bus.on('registry.changed', ({ tenant, kind, id, deleted }) => {
          if (kind !== 'token' || !deleted) return;
          for (const client of clients) if (client.tenant === tenant && client.tokenId === id) client.reject();
        }),
      );
    },
    open: async (tenant) => void (await hubOf(tenant)),
    stop() {
      for (const cancel of timers.splice(0)) cancel();
      closeHubs();
    },
  };
}

async function openHub(tenant: string, deps: LiveDeps & { epoch: string }): Promise<{ hub: LiveHub; feeds: Feeds }> {
  const { epoch, hostClock } = deps;
  const make = (topic: LiveTopic): TopicChannel =>
    createTopicChannel({
      topic,
      epoch,
      field: topic === 'assets' ? 'u' : 'items',
      ...(topic === 'raw' && { keep: RAW_KEPT }),
    });
  const channels = Object.fromEntries(LIVE_TOPICS.map((topic) => [topic, make(topic)])) as Record<
    LiveTopic,
    TopicChannel
  >;
  const hub = createLiveHub(channels, hostClock);
  const feeds = await openFeeds(tenant, hub, deps).catch((error: unknown) => {
    hub.close();
    throw error;
  });
  return { hub, feeds };
}

function checkUpgrade(request: HttpRequest, config: ApiConfig, clients: number): void {
  checkOrigin(request, config.PUBLIC_URL);
  if (clients >= config.LIVE_CLIENTS_MAX) throw new RondeError('RATE_EXCEEDED', 'there are too many live connections');
}

/** Names a run of the channel: offsets of another one mean nothing. */
function newEpoch(): string {
  return randomBytes(9).toString('base64url');
}
