import { connect, type MqttClient } from 'mqtt';
import { uplinkTopic } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import { gauge, type Cancel, type Clock, type Health, type Logger, type Metrics } from '@ronde/kit';
import { hashSecret, newSecret, type Registry } from '@ronde/registry';

const PERIOD_MS = 60_000;
/** Apart from the city's tenant: its lists and figures are about sensors. */
const TENANT = 'ronde-system';
const DEVICE = 'ronde-heartbeat';
/** Fast time must not raise an alarm for what takes a moment of host time. */
const LEAST_HOST_MS = 60_000;
const KEPT_BEATS = 100;

export interface HeartbeatParts {
  registry: Pick<Registry, 'devices'>;
  bus: Bus;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  health: Health;
  mqttUrl: string;
  /** Platform minutes without a reading that came through, after which it is an alarm. */
  alarmMin: number;
}

/** A device of our own: what it says goes the whole way of a sensor's word, so its age tells whether that way works. */
export interface Heartbeat {
  /** Platform time since the last beat that became a reading was sent. */
  ageMs(): number;
  stop(): Promise<void>;
}

/** Starts it: a new secret at each start, a login at the real broker, one message a platform minute. */
export async function startHeartbeat(parts: HeartbeatParts): Promise<Heartbeat> {
  const { registry, bus, clock, log, metrics, health } = parts;
  const secret = newSecret();
  await registry.devices.put(TENANT, {
    id: DEVICE,
    typeId: 'plain',
    createdAt: clock.iso(),
    secretHash: hashSecret(secret),
    expectedIntervalS: PERIOD_MS / 1000,
  });
  await bus.publish('registry.changed', { tenant: TENANT, kind: 'device', id: DEVICE, deleted: false });
  const sent = new Map<number, { atMs: number; hostMs: number }>();
  let arrivedMs = clock.nowMs();
  let latencyS = 0;
  let beats = 0;
  const ageMs = (): number => Math.max(0, clock.nowMs() - arrivedMs);
  const limitMs = Math.max(parts.alarmMin * 60_000, LEAST_HOST_MS * clock.speed);

  const unsubscribe = bus.on('readings.accepted', ({ tenant, readings }) => {
    if (tenant !== TENANT) return;
    for (const { deviceId, value } of readings) {
      const beat = deviceId === DEVICE && value !== null ? sent.get(value) : undefined;
      if (!beat) continue;
      sent.delete(value!);
      arrivedMs = Math.max(arrivedMs, beat.atMs);
      latencyS = (performance.now() - beat.hostMs) / 1000;
    }
  });
  gauge(
    metrics,
    'heartbeat_age_seconds',
    'Platform time since the last heartbeat that became a reading',
    () => ageMs() / 1000,
  );
  gauge(metrics, 'heartbeat_latency_seconds', 'Time from sending a heartbeat to its reading', () => latencyS);
  health.add('heartbeat', () =>
    ageMs() <= limitMs
      ? { ok: true }
      : {
          ok: true,
          degraded: true,
          detail: `no heartbeat became a reading for ${Math.round(ageMs() / 60_000)} min: messages may not come through`,
        },
  );

  const client = login(parts.mqttUrl, secret, log);
  const beat = (): void => {
    if (!client.connected) return;
    beats += 1;
    sent.set(beats, { atMs: clock.nowMs(), hostMs: performance.now() });
    if (sent.size > KEPT_BEATS) sent.delete(sent.keys().next().value!);
    client.publish(uplinkTopic(TENANT, DEVICE), JSON.stringify({ count: beats }), { qos: 1 });
  };
  client.on('connect', beat);
  const cancel: Cancel = clock.every(PERIOD_MS, beat);
  return {
    ageMs,
    async stop() {
      cancel();
      unsubscribe();
      await client.endAsync(true);
    },
  };
}

function login(url: string, password: string, log: Logger): MqttClient {
  const client = connect(url, {
    clientId: DEVICE,
    username: DEVICE,
    password,
    clean: true,
    reconnectPeriod: 1_000,
    // a beat that waited for a connection would tell of the wait, not of the way
    queueQoSZero: false,
  });
  client.on('error', (error) => log.warn({ err: error }, 'run.heartbeat.refuse'));
  return client;
}
