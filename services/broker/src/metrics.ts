import { counter, gauge, histogram, type Metrics } from '@ronde/kit';

const COMMIT_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Defines what the broker counts. */
export function brokerMetrics(metrics: Metrics, clients: () => number) {
  gauge(metrics, 'mqtt_clients', 'Connections, logged in or not', clients);
  return {
    publishes: counter(metrics, 'mqtt_publishes_total', 'PUBLISH packets by what became of them', ['outcome']),
    denials: counter(metrics, 'mqtt_denials_total', 'Denied PUBLISH and SUBSCRIBE packets', ['what', 'reason']),
    logins: counter(metrics, 'mqtt_logins_total', 'Logins by CONNACK return code', ['code']),
    cuts: counter(metrics, 'mqtt_connections_cut_total', 'Connections closed by the broker', ['reason']),
    downlinks: counter(metrics, 'mqtt_downlinks_total', 'Downlinks by whether the device was listening', ['outcome']),
    commit: histogram(metrics, 'mqtt_commit', 'Time from PUBLISH to durable commit', COMMIT_BUCKETS_S),
  };
}
export type BrokerMetrics = ReturnType<typeof brokerMetrics>;
