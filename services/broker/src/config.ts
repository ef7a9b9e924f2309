import { z } from 'zod';

const Port = z.coerce.number().int().min(0).max(65_535);

/** Environment of the broker. */
export const BrokerConfig = z.object({
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe('address the servers listen on; anything but loopback opens Ronde to the network'),
  MQTT_PORT: Port.default(1883).describe('TCP port for MQTT; 0 takes any free one'),
  MQTTS_PORT: z
    .union([z.literal('off'), Port])
    .default('off')
    .describe('TCP port for MQTT over TLS, or off'),
  TLS_CERT_FILE: z.string().default('').describe('certificate chain, PEM file; needed with HTTPS_PORT and MQTTS_PORT'),
  TLS_KEY_FILE: z.string().default('').describe('private key, PEM file; needed with HTTPS_PORT and MQTTS_PORT'),
  MQTTS_CLIENT_CA_FILE: z
    .string()
    .optional()
    .describe('authority of client certificates, PEM file: a device whose id is in its certificate needs no secret'),
  MQTTS_CLIENT_CERT: z
    .enum(['optional', 'required'])
    .default('optional')
    .describe('whether clients over TLS must show a certificate of MQTTS_CLIENT_CA_FILE'),
  DEVICE_RATE_PER_S: z
    .union([z.literal('off'), z.coerce.number().positive()])
    .default('off')
    .describe('messages a second that one device may send in the long run (burst 30), or off'),
  MQTT_MAX_CONNECTIONS: z.coerce.number().int().positive().default(20_000).describe('connections at the same time'),
  MQTT_CONNECTS_PER_S: z.coerce
    .number()
    .positive()
    .default(500)
    .describe('connections a second that are let in; more wait their turn, addresses alternately'),
  MQTT_HALF_OPEN_PER_ADDRESS: z.coerce
    .number()
    .int()
    .positive()
    .default(1_000)
    .describe('connections of one address that have not logged in; the oldest gives way'),
  MQTT_CONNECT_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(5_000)
    .describe('time for TLS handshake, CONNECT and login, each [ms]'),
  MQTT_KEEPALIVE_LIMIT_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(1_200)
    .describe('longest keep alive a client may ask for [s]'),
  MQTT_CLIENT_BUFFER_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(1_048_576)
    .describe('unsent bytes after which a client that does not read is cut [bytes]'),
});
export type BrokerConfig = z.infer<typeof BrokerConfig>;
