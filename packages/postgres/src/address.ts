import { RondeError } from '@ronde/contracts';

/** What a store's URL says besides the server. */
export interface Address {
  /** For the driver: our own parameters taken out. */
  url: string;
  schema: string;
  /** Connections at most. */
  connections: number;
  /** For logs: without user and password. */
  shown: string;
}

const DEFAULT_CONNECTIONS = 8;
const MAX_CONNECTIONS = 100;
const SCHEMA = /^[a-z_][a-z0-9_]{0,50}$/;

/**
 * Reads `postgres://user:password@host:port/database?schema=…&connections=…`; the driver's parameters (`sslmode`,
 * `sslrootcert`, `host` for a socket directory …) pass through.
 * @throws RondeError CONFIG_INVALID; the message never holds the URL, which may hold a password
 */
export function readAddress(text: string, defaults: { variable: string; schema: string }): Address {
  const invalid = (what: string) => new RondeError('CONFIG_INVALID', `${defaults.variable}: ${what}`);
  if (!URL.canParse(text)) throw invalid('no URL; give postgres://user:password@host:5432/database');
  const url = new URL(text);
  const schema = url.searchParams.get('schema') ?? defaults.schema;
  if (!SCHEMA.test(schema)) throw invalid('schema holds small letters, digits and _ only, a letter first');
  const connections = Number(url.searchParams.get('connections') ?? DEFAULT_CONNECTIONS);
  if (!Number.isSafeInteger(connections) || connections < 2 || connections > MAX_CONNECTIONS)
    throw invalid(`connections is a whole number from 2 to ${MAX_CONNECTIONS}`);
  url.searchParams.delete('schema');
  url.searchParams.delete('connections');
  const { host, pathname } = url;
  return { url: url.href, schema, connections, shown: `postgres://${host}${pathname}` };
}
