import { z } from 'zod';
import { Id, type Fault, type Result } from '@ronde/contracts';
import { readConfig, Switch, type Env } from '@ronde/kit';
import { ApiConfig } from '@ronde/api';
import { BrokerConfig } from '@ronde/broker';
import { IngestConfig } from '@ronde/ingest';
import { RoutingConfig } from '@ronde/routing';
import { parseRetention } from './retention.ts';

const TOO_EASY = 'too easy to guess; "openssl rand -hex 32" makes one';
const LEAST_CHARACTERS = 8;
/** Catches what stands in for a secret in examples: "changemechangeme", zeros. */
const isHardToGuess = (secret: string): boolean => new Set(secret).size >= LEAST_CHARACTERS;

/** Reads `name=value,name=value`, percent-encoded as the OpenTelemetry specification has it; undefined when it is none. */
export function parseHeaders(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const [, name = '', value = ''] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    if (name === '') return undefined;
    try {
      headers[name] = decodeURIComponent(value);
    } catch {
      return undefined;
    }
  }
  return headers;
}

/** Environment of the process as a whole. */
export const PlatformConfig = z
  .object({
    HOST: z
      .string()
      .default('127.0.0.1')
      .describe('address the servers listen on; anything but loopback opens Ronde to the network'),
    HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('HTTP port; 0 = any free one'),
    HTTPS_PORT: z
      .union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)])
      .default('off')
      .describe('HTTPS port beside HTTP_PORT, with TLS_CERT_FILE and TLS_KEY_FILE; off = none'),
    TLS_CERT_FILE: z.string().optional().describe('certificate chain, PEM file; needed with HTTPS_PORT and MQTTS_PORT'),
    TLS_KEY_FILE: z.string().optional().describe('private key, PEM file; needed with HTTPS_PORT and MQTTS_PORT'),
    DATA_DIR: z.string().default('./data').describe('folder that holds all state'),
    INBOX_SHIP_URL: z
      .string()
      .regex(/^(file:\/|s3\+https?:\/\/[^/]+\/[^/]+)/, 'neither file:/path nor s3+https://endpoint/bucket/prefix')
      .optional()
      .describe(
        'second place that raw frames are copied to continuously: file:/path (a folder that exists) or s3+https://endpoint/bucket/prefix',
      ),
    INBOX_SHIP_PERIOD_MS: z.coerce
      .number()
      .int()
      .min(50)
      .max(60_000)
      .default(500)
      .describe('pause between two copies to INBOX_SHIP_URL: what losing the disk may cost [ms]'),
    S3_ACCESS_KEY: z.string().optional().describe('access key of an INBOX_SHIP_URL on S3'),
    S3_SECRET_KEY: z.string().optional().describe('secret key of an INBOX_SHIP_URL on S3'),
    S3_REGION: z.string().default('us-east-1').describe('region that S3 requests are signed for'),
    HEARTBEAT_ALARM_MIN: z
      .union([z.literal('off'), z.coerce.number().int().min(2).max(1440)])
      .default(5)
      .describe(
        'minutes without a reading of the built-in heartbeat device after which it is an alarm; off = no device',
      ),
    OTEL_EXPORTER_OTLP_ENDPOINT: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('OpenTelemetry receiver (OTLP over HTTP), such as http://collector:4318; absent = nothing is sent'),
    OTEL_EXPORTER_OTLP_HEADERS: z
      .string()
      .refine((text) => parseHeaders(text) !== undefined, 'names and values, e.g. "api-key=…,tenant=city"')
      .default('')
      .describe('headers of each request to it, name=value with commas between'),
    OTEL_METRIC_EXPORT_INTERVAL: z.coerce
      .number()
      .int()
      .min(1_000)
      .default(60_000)
      .describe('pause between two exports of metrics [ms]'),
    OTEL_SERVICE_NAME: z.string().min(1).default('ronde').describe('name of this installation for the receiver'),
    TENANT: Id.default('default').describe('tenant of this installation'),
    DEMO: Switch.default(true).describe('bring up the generated demo city with simulated devices and crews'),
    DEMO_SPEED: z.coerce.number().min(1).max(600).default(60).describe('platform seconds per host second in the demo'),
    DEMO_SEED: z.coerce.number().int().min(0).default(1).describe('seed of the demo city'),
    ADMIN_TOKEN: z
      .string()
      .min(16)
      .refine(isHardToGuess, TOO_EASY)
      .optional()
      .describe('bearer token with the admin role; made and kept in DATA_DIR/admin-token when absent'),
    SEAL_KEY: z
      .string()
      .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
      .refine(isHardToGuess, TOO_EASY)
      .optional()
      .describe('key that device and network keys are encrypted with; made and kept in DATA_DIR/seal-key when absent'),
    READINGS_URL: z
      .string()
      .regex(
        /^(sqlite|postgres|postgresql|influxdb\+https?):/,
        'no such back-end; known: sqlite:, postgres:, influxdb+http:',
      )
      .default('sqlite:')
      .describe(
        'readings store: sqlite:, postgres://user:password@host:5432/database, or influxdb+http://host:8086 with INFLUX_TOKEN',
      ),
    READINGS_RETENTION_DAYS: z
      .string()
      .refine((text) => parseRetention(text) !== undefined, 'quantities and days, e.g. "rssi=90 snr=90"')
      .default('')
      .describe(
        'days that readings of a quantity are kept, e.g. "rssi=90 snr=90" (not on InfluxDB); others, hours and days stay',
      ),
    INFLUX_TOKEN: z
      .string()
      .optional()
      .describe('token that reads and writes the buckets; "ronde influx setup" makes it'),
    INFLUX_ORG: z.string().default('ronde').describe('organisation in InfluxDB'),
    INFLUX_BUCKET: z.string().default('ronde').describe('bucket of readings; its hours and days lie in two beside it'),
    INFLUX_RETENTION_DAYS: z.coerce
      .number()
      .int()
      .min(0)
      .default(90)
      .describe('days that the bucket keeps readings, as set up; older steps come from hours and days; 0 = for ever'),
    REGISTRY_URL: z
      .string()
      .regex(/^(sqlite|postgres|postgresql):/, 'no such back-end in this version; known: sqlite:, postgres:')
      .default('sqlite:')
      .describe('registry: sqlite:, or postgres://user:password@host:5432/database'),
    BUS_URL: z
      .string()
      .regex(/^(memory|rediss?|mqtts?):/, 'no such back-end in this version; known: memory:, redis:, mqtt:')
      .default('memory:')
      .describe('bus between roles: memory: (one process), redis://host:6379 or mqtt://host:1883'),
    TRAVEL_URL: z
      .string()
      .regex(
        /^(straight-line:|osm:.+\.pbf$|(osrm|valhalla)\+https?:\/\/[^/])/,
        'no such back-end; known: straight-line:, osm:FILE.osm.pbf, osrm+http://host, valhalla+http://host',
      )
      .default('straight-line:')
      .describe(
        'travel times: straight-line:, osm:FILE.osm.pbf (an OpenStreetMap extract), osrm+http://host:5000 or valhalla+http://host:8002',
      ),
    SENSOR_TYPES_DIR: z.string().optional().describe('extra folder with sensor types'),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('least level that is logged'),
  })
  .superRefine((config, context) => {
    const { READINGS_URL, INFLUX_TOKEN, HTTPS_PORT, TLS_CERT_FILE, TLS_KEY_FILE } = config;
    if (config.INBOX_SHIP_URL?.startsWith('s3') && !(config.S3_ACCESS_KEY && config.S3_SECRET_KEY))
      context.addIssue({
        code: 'custom',
        path: [config.S3_ACCESS_KEY ? 'S3_SECRET_KEY' : 'S3_ACCESS_KEY'],
        message: 'INBOX_SHIP_URL names an S3 store, which needs a pair of keys',
      });
    if (READINGS_URL.startsWith('influxdb') && !INFLUX_TOKEN)
      context.addIssue({
        code: 'custom',
        path: ['INFLUX_TOKEN'],
        message: 'READINGS_URL names an InfluxDB, which needs a token; "ronde influx setup" makes one',
      });
    if (config.READINGS_RETENTION_DAYS !== '' && READINGS_URL.startsWith('influxdb'))
      context.addIssue({
        code: 'custom',
        path: ['READINGS_RETENTION_DAYS'],
        message:
          'InfluxDB keeps readings by the rules of its buckets ("ronde influx setup --retention-days"); leave it empty',
      });
    if (HTTPS_PORT === 'off') return;
    if (!TLS_CERT_FILE)
      context.addIssue({ code: 'custom', path: ['TLS_CERT_FILE'], message: 'HTTPS_PORT needs a certificate' });
    else if (!TLS_KEY_FILE)
      context.addIssue({ code: 'custom', path: ['TLS_KEY_FILE'], message: 'HTTPS_PORT needs the private key' });
  });
export type PlatformConfig = z.infer<typeof PlatformConfig>;

export const CONFIGS = {
  platform: PlatformConfig,
  broker: BrokerConfig,
  ingest: IngestConfig,
  routing: RoutingConfig,
  api: ApiConfig,
};

/** The configuration of every part. */
export interface AllConfigs {
  platform: PlatformConfig;
  broker: BrokerConfig;
  ingest: IngestConfig;
  routing: RoutingConfig;
  api: ApiConfig;
}

/** Reads every part's configuration from the environment; gives all faults together. */
export function readAll(env: Env): Result<AllConfigs> {
  const values: Record<string, unknown> = {};
  const faults = new Map<string, Fault>();
  for (const [name, schema] of Object.entries(CONFIGS)) {
    const read = readConfig(schema, env);
    if (read.ok) values[name] = read.value;
    else for (const fault of read.faults) faults.set(fault.field, fault);
  }
  return faults.size === 0
    ? { ok: true, value: values as unknown as AllConfigs }
    : { ok: false, faults: [...faults.values()] };
}
