import { readFileSync } from 'node:fs';
import { RondeError } from '@ronde/contracts';
import type { BridgeConfig } from './config.ts';
import type { Upstream } from './session.ts';

const PORTS: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883 };

/** Where a broker is and who we are there. */
export interface UpstreamInput {
  url: string;
  username?: string | undefined;
  password?: string | undefined;
  filters: readonly string[];
  share?: string | undefined;
  ca?: string | Buffer | undefined;
  cert?: Buffer | undefined;
  key?: Buffer | undefined;
}

/** Makes what a session needs of a URL; user and password may stand in it. */
export function upstreamOf({ url, username, password, filters, share, ca, cert, key }: UpstreamInput): Upstream {
  const parsed = new URL(url);
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(parsed.port) || PORTS[parsed.protocol]!,
    tls:
      parsed.protocol === 'mqtts:'
        ? { servername: host, minVersion: 'TLSv1.2', ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
        : undefined,
    username: username ?? (parsed.username === '' ? undefined : decodeURIComponent(parsed.username)),
    password: password ?? (parsed.password === '' ? undefined : decodeURIComponent(parsed.password)),
    filters,
    share,
  };
}

/**
 * Gives the broker that the environment names; undefined when it names none.
 * @throws RondeError CONFIG_INVALID for a certificate file that cannot be read
 */
export function upstreamOfConfig(config: BridgeConfig, tenant: string): Upstream | undefined {
  if (!config.MQTT_UPSTREAM_URL) return undefined;
  const filters = (config.MQTT_UPSTREAM_TOPICS ?? `v1/${tenant}/+/up`)
    .split(',')
    .map((filter) => filter.trim())
    .filter((filter) => filter !== '');
  return upstreamOf({
    url: config.MQTT_UPSTREAM_URL,
    username: config.MQTT_UPSTREAM_USERNAME,
    password: config.MQTT_UPSTREAM_PASSWORD,
    filters,
    share: config.MQTT_UPSTREAM_SHARE,
    ca: fileOf(config, 'MQTT_UPSTREAM_CA_FILE'),
    cert: fileOf(config, 'MQTT_UPSTREAM_CERT_FILE'),
    key: fileOf(config, 'MQTT_UPSTREAM_KEY_FILE'),
  });
}

type FileVariable = 'MQTT_UPSTREAM_CA_FILE' | 'MQTT_UPSTREAM_CERT_FILE' | 'MQTT_UPSTREAM_KEY_FILE';

function fileOf(config: BridgeConfig, variable: FileVariable): Buffer | undefined {
  const file = config[variable];
  if (!file) return undefined;
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new RondeError('CONFIG_INVALID', `${variable} ${file}: ${(cause as Error).message}`, { cause });
  }
}
