import { Counter, Gauge, type Metrics } from '@ronde/kit';
import type { FollowState } from './follower.ts';
import type { Skip } from './route-message.ts';

/** Numbers of the bridge, by followed broker. */
export interface BridgeMetrics {
  took(upstream: string, outcome: 'stored' | 'unavailable' | Skip): void;
}

export function bridgeMetrics(metrics: Metrics, states: () => ReadonlyMap<string, FollowState>): BridgeMetrics {
  const messages = new Counter({
    name: 'ronde_bridge_messages_total',
    help: 'Messages of outside brokers, by what became of them.',
    labelNames: ['upstream', 'outcome'],
    registers: [metrics],
  });
  const perUpstream = (name: string, help: string, of: (state: FollowState) => number): Gauge =>
    new Gauge({
      name: `ronde_bridge_${name}`,
      help,
      labelNames: ['upstream'],
      registers: [metrics],
      collect() {
        this.reset();
        for (const [upstream, state] of states()) this.set({ upstream }, of(state));
      },
    });
  perUpstream('connected', '1 while an outside broker is followed.', ({ isConnected }) => Number(isConnected));
  perUpstream('in_flight', 'Messages that came and are not acknowledged.', ({ inFlight }) => inFlight);
  perUpstream('connects', 'Connections made since the start.', ({ connects }) => connects);
  perUpstream('sessions_lost', 'Times that a broker had forgotten our session.', ({ sessionsLost }) => sessionsLost);
  return { took: (upstream, outcome) => messages.inc({ upstream, outcome }) };
}
