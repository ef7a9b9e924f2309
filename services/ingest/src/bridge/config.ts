import { z } from 'zod';
import { Id } from '@ronde/contracts';

/** Environment of following an outside broker; part of the ingest service's. */
export const BRIDGE_SHAPE = {
  MQTT_UPSTREAM_URL: z
    .url({ protocol: /^mqtts?$/, error: 'mqtt://host:1883 or mqtts://host:8883' })
    .optional()
    .describe(
      'outside broker to follow instead of the embedded one; user:password@ before the host, or the two variables',
    ),
  MQTT_UPSTREAM_USERNAME: z.string().optional().describe('user name at the outside broker'),
  MQTT_UPSTREAM_PASSWORD: z.string().optional().describe('password at the outside broker'),
  MQTT_UPSTREAM_TOPICS: z
    .string()
    .optional()
    .describe('topic filters to follow, with commas between them; own devices (v1/{tenant}/+/up) unless given'),
  MQTT_UPSTREAM_SHARE: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and -')
    .optional()
    .describe('group of a shared subscription: the broker divides the messages among the ingest workers of one group'),
  MQTT_UPSTREAM_PROTOCOL: z
    .enum(['auto', '4', '5'])
    .default('auto')
    .describe('MQTT version: 5, 4 (which is 3.1.1), or auto: 5 if the broker speaks it'),
  MQTT_UPSTREAM_CLIENT_ID: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      'client id at the outside broker, which keeps the session under it; made once and kept in DATA_DIR unless given',
    ),
  MQTT_UPSTREAM_CA_FILE: z
    .string()
    .optional()
    .describe('certificates that the outside broker may be signed by, PEM file; those of Node unless given'),
  MQTT_UPSTREAM_CERT_FILE: z.string().optional().describe('client certificate for the outside broker, PEM file'),
  MQTT_UPSTREAM_KEY_FILE: z.string().optional().describe('private key of the client certificate, PEM file'),
  MQTT_UPSTREAM_IN_FLIGHT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(1_000)
    .describe('most messages that the outside broker may have under way to us (MQTT 5 receive maximum)'),
  MQTT_UPSTREAM_KEEPALIVE_S: z.coerce
    .number()
    .int()
    .min(5)
    .max(65_535)
    .default(30)
    .describe('keep alive of the connection to the outside broker [s]'),
  MQTT_UPSTREAM_SESSION_S: z.coerce
    .number()
    .int()
    .min(60)
    .max(4_294_967_295)
    .default(604_800)
    .describe('how long an MQTT 5 broker keeps what comes while we are away [s]'),
  INGEST_WORKER: Id.default('main').describe('name of this ingest worker; each of several needs one of its own'),
};

export type BridgeConfig = z.infer<z.ZodObject<typeof BRIDGE_SHAPE>>;
