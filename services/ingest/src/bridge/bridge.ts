import { randomBytes } from 'node:crypto';
import { isRondeError, type IntegrationRecord } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import type { Inbox } from '@ronde/inbox';
import {
  sealContext,
  type Clock,
  type Health,
  type Logger,
  type Metrics,
  type Rng,
  type Sealer,
  type Service,
} from '@ronde/kit';
import type { Leases, Registry } from '@ronde/registry';
import type { BridgeConfig } from './config.ts';
import { follow, type FollowState } from './follower.ts';
import { bridgeMetrics } from './metrics.ts';
import { defaultTopics, routeMessage, type Following } from './route-message.ts';
import type { Upstream, UpstreamMessage } from './session.ts';
import { createSessionKeeper, type SessionKeeper } from './session-keeper.ts';
import { upstreamOf, upstreamOfConfig } from './upstream-of.ts';

export interface BridgeParts {
  inbox: Pick<Inbox, 'append' | 'stats'>;
  registry: Pick<Registry, 'integrations' | 'meta'>;
  bus: Pick<Bus, 'on' | 'onGap'>;
  sealer: Sealer;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  health: Health;
  rng: Rng;
  tenant: string;
  /** Absent where there is one process only. */
  leases?: Leases | undefined;
}

/** Follows outside brokers: the environment's, and those of integrations. */
export interface Bridge extends Service {
  states(): ReadonlyMap<string, FollowState>;
}

/** Name of the broker that the environment names, in metrics and as the origin of its messages. */
const MAIN = 'upstream';
const INSTALLATION_KEY = 'installation-id';
/** A broker may be away this long before readiness says so: restarts are no trouble. */
const PATIENCE_MS = 15_000;

/** Creates the bridge: every message goes into the inbox as it came and is acknowledged upstream after the commit. */
export function createBridge(config: BridgeConfig, parts: BridgeParts): Bridge {
  const { inbox, registry, bus, clock, log, tenant } = parts;
  const main = upstreamOfConfig(config, tenant);
  const states = new Map<string, FollowState>();
  const sinceMs = new Map<string, number>();
  const metrics = bridgeMetrics(parts.metrics, () => states);
  const integrations = new Map<string, { keeper: SessionKeeper; written: string }>();
  let keeper: SessionKeeper | undefined;
  let endSubscription: () => void = () => undefined;
  let work: Promise<void> = Promise.resolve();
  let installation = '';

  const onChange = (name: string, state: FollowState): void => {
    const before = states.get(name);
    states.set(name, state);
    if (before?.isConnected !== state.isConnected) sinceMs.set(name, performance.now());
    const { trouble, remedy, version, sessionsLost } = state;
    if (state.isConnected) log.info({ upstream: name, mqtt_version: version }, 'ingest.bridge.connect');
    else if (trouble !== before?.trouble) log.warn({ upstream: name, reason: trouble, remedy }, 'ingest.bridge.lose');
    if (sessionsLost > (before?.sessionsLost ?? 0)) log.error({ upstream: name }, 'ingest.bridge.session-lost');
  };
  const taker =
    (following: Following) =>
    async (message: UpstreamMessage): Promise<void> => {
      const frame = routeMessage(message, following, clock.nowMs());
      if (typeof frame === 'string') return metrics.took(following.id, frame);
      try {
        await inbox.append(frame);
        metrics.took(following.id, 'stored');
      } catch (thrown) {
        // what can never be written must not come again for ever
        if (isRondeError(thrown, 'INPUT_INVALID')) return metrics.took(following.id, 'topic');
        metrics.took(following.id, 'unavailable');
        throw thrown;
      }
    };
  const keep = (
    following: Following,
    { upstream, protocol, session }: { upstream: Upstream; protocol: 'auto' | '4' | '5'; session: Session },
  ): SessionKeeper =>
    createSessionKeeper({
      ...session,
      leases: parts.leases,
      log,
      open: (clientId, { isAdopted, mayConnect }) => {
        const name = isAdopted ? `${following.id}:${clientId}` : following.id;
        return {
          name,
          follower: follow({
            upstream,
            clientId,
            protocol: protocol === 'auto' ? 'auto' : protocol === '4' ? 4 : 5,
            keepaliveS: config.MQTT_UPSTREAM_KEEPALIVE_S,
            sessionExpiryS: config.MQTT_UPSTREAM_SESSION_S,
            maxInFlight: config.MQTT_UPSTREAM_IN_FLIGHT,
            take: taker(following),
            hold: () => (mayConnect() ? inbox.stats().fault : 'another worker has this session'),
            random: () => parts.rng.next(),
            onChange: (state) => onChange(name, state),
          }),
        };
      },
      onClosed: (name) => void states.delete(name),
    });

  /** Brings what is followed in line with the integrations that the registry holds. */
  async function reconcile(): Promise<void> {
    const wanted = new Map(
      (await registry.integrations.all(tenant)).filter(({ follow: to }) => to).map((one) => [one.id, one]),
    );
    for (const [id, { keeper: open, written }] of integrations) {
      if (written === JSON.stringify(wanted.get(id))) continue;
      integrations.delete(id);
      await open.stop();
    }
    for (const [id, integration] of wanted) {
      if (integrations.has(id)) continue;
      const following = { id, tenant, source: integration.source };
      const session = { clientId: `ronde-${installation}-i-${id}`, group: `i-${id}`, isShared: true };
      const open = keep(following, {
        upstream: followedBy(integration, parts.sealer, tenant),
        protocol: integration.follow!.protocol,
        session,
      });
      integrations.set(id, { keeper: open, written: JSON.stringify(integration) });
      await open.start();
    }
  }
  const inTurn = (): void => {
    work = work.then(reconcile).catch((error: unknown) => log.error({ err: error }, 'ingest.bridge.reconcile'));
  };

  parts.health.add('bridge', () => {
    const state = states.get(MAIN);
    const isLong = performance.now() - (sinceMs.get(MAIN) ?? 0) > PATIENCE_MS;
    if (!main || !state || state.isConnected || !isLong) return { ok: true };
    const { trouble = '', remedy } = state;
    return { ok: false, detail: `the outside broker is not followed: ${trouble}${remedy ? `; ${remedy}` : ''}` };
  });
  return {
    states: () => states,
    async start() {
      installation = await installationId(registry.meta);
      if (main) {
        // without a group everybody would get everything: then one worker follows, and another when it is gone
        const divides = main.share !== undefined;
        const clientId =
          config.MQTT_UPSTREAM_CLIENT_ID ?? `ronde-${installation}${divides ? `-w-${config.INGEST_WORKER}` : ''}`;
        keeper = keep(
          { id: MAIN, tenant },
          {
            upstream: main,
            protocol: config.MQTT_UPSTREAM_PROTOCOL,
            session: { clientId, group: MAIN, isShared: !divides, adopts: divides },
          },
        );
        await keeper.start();
      }
      inTurn();
      await work;
      const end = bus.on('registry.changed', ({ kind }) => void (kind === 'integration' && inTurn()));
      const endGap = bus.onGap(inTurn);
      endSubscription = () => {
        end();
        endGap();
      };
    },
    async stop() {
      endSubscription();
      await work;
      await Promise.all([...integrations.values()].map((one) => one.keeper.stop()));
      await keeper?.stop();
      integrations.clear();
    },
  };
}

interface Session {
  clientId: string;
  group: string;
  /** Any worker may have it, one at a time; otherwise it is this worker's own. */
  isShared: boolean;
  /** Takes over sessions of the same kind whose workers are gone. */
  adopts?: boolean;
}

function followedBy({ id, source, follow: to }: IntegrationRecord, sealer: Sealer, tenant: string): Upstream {
  const { url, user, keySealed, topics, share, caPem } = to!;
  return upstreamOf({
    url,
    username: user,
    password: keySealed === undefined ? undefined : sealer.open(keySealed, sealContext.follow(id)),
    filters: topics ?? defaultTopics(source, user, tenant),
    share,
    ca: caPem,
  });
}

/** Client ids must differ between installations on one broker, and be the same at every start of one. */
async function installationId(meta: Registry['meta']): Promise<string> {
  const known = await meta.get(INSTALLATION_KEY);
  if (known !== undefined) return known;
  await meta.set(INSTALLATION_KEY, randomBytes(4).toString('hex'));
  return (await meta.get(INSTALLATION_KEY))!;
}
