import { expect, test } from 'vitest';
import { readAll } from './config.ts';

const faulty = (env: Record<string, string>): string[] => {
  const read = readAll(env);
  return read.ok ? [] : read.faults.map(({ field }) => field).sort();
};

test('the defaults are those that are promised', () => {
  const read = readAll({});
  expect(read).toMatchObject({
    ok: true,
    value: {
      platform: {
        HOST: '127.0.0.1',
        HTTP_PORT: 8080,
        HTTPS_PORT: 'off',
        TENANT: 'default',
        DEMO: true,
        DEMO_SPEED: 60,
      },
      broker: { MQTT_PORT: 1883, MQTTS_PORT: 'off', DEVICE_RATE_PER_S: 'off' },
      ingest: { INBOX_RETENTION_DAYS: 90, INBOX_MAX_GB: 20 },
    },
  });
});

test('addresses of back-ends that do not exist are told together with every other fault', () => {
  const env = {
    READINGS_URL: 'oracle://db',
    REGISTRY_URL: 'mysql://db',
    BUS_URL: 'nats://bus',
    TRAVEL_URL: 'teleport:',
    HTTP_PORT: 'many',
    HTTPS_PORT: 'yes',
    TENANT: 'a/+',
    TRUSTED_PROXIES: '10.0.0.1, everybody',
    MQTT_PORT: '-1',
  };
  expect(faulty(env)).toEqual(Object.keys(env).sort());
});

test.each(['10.0.0.1', '10.0.0.0/8, ::1', 'loopback', 'fd00::/8'])(
  '%s may be the proxies that are believed',
  (list) => {
    expect(faulty({ TRUSTED_PROXIES: list })).toEqual([]);
  },
);

test('HTTPS without its certificate is refused', () => {
  expect(faulty({ HTTPS_PORT: '8443' })).toEqual(['TLS_CERT_FILE']);
});

test('a retention that names no quantity, or belongs to a store with rules of its own, is refused', () => {
  expect(faulty({ READINGS_RETENTION_DAYS: 'rssi=90 snr=90' })).toEqual([]);
  expect(faulty({ READINGS_RETENTION_DAYS: 'everything=90' })).toEqual(['READINGS_RETENTION_DAYS']);
  expect(faulty({ READINGS_RETENTION_DAYS: 'rssi=90', READINGS_URL: 'postgres://db' })).toEqual([]);
  expect(faulty({ READINGS_RETENTION_DAYS: 'rssi=90', READINGS_URL: 'influxdb+http://db', INFLUX_TOKEN: 'x' })).toEqual(
    ['READINGS_RETENTION_DAYS'],
  );
});
