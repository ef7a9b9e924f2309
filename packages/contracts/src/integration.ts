import { z } from 'zod';
import { Id, Instant } from './basics.ts';

/** Network servers and formats that uplinks come from; one parser file each under ingest/sources. */
export const SOURCES = [
  'things-stack',
  'chirpstack',
  'thingpark',
  'loriot',
  'helium',
  'sigfox',
  'kpn',
  'miotiq',
  'milesight-nb',
  'sparkplug',
  'senml',
  'native',
  // what cities have beside sensors: a vendor's cloud that is polled, access systems, cranes, weighbridges
  'vendor-cloud',
  'deposits',
  'crane',
  'weighbridge',
] as const;
export const Source = z.enum(SOURCES);
export type Source = z.infer<typeof Source>;

/**
 * How to call the network server back: for downlinks, and for uplinks that never arrived. Which fields a network needs
 * stands in its README; `key` is kept encrypted and never shown.
 */
export const NetworkApi = z.object({
  url: z.url({ protocol: /^(https?|mqtts?)$/ }),
  applicationId: z.string().max(200).optional(),
  user: z.string().max(200).optional(),
  key: z.string().min(1).max(4000).optional(),
});
export type NetworkApi = z.infer<typeof NetworkApi>;

export const IntegrationInput = z.object({ id: Id, source: Source, api: NetworkApi.optional() });
export type IntegrationInput = z.infer<typeof IntegrationInput>;
/** What is shown of an integration: that it has a key, never the key. */
export const Integration = IntegrationInput.extend({
  api: NetworkApi.omit({ key: true }).extend({ hasKey: z.boolean() }).optional(),
  createdAt: Instant,
});
export type Integration = z.infer<typeof Integration>;
export const IntegrationCreated = Integration.extend({ secret: z.string() });
/** What the registry keeps: the secret as a hash, the network's key sealed (see kit `seal`). */
export type IntegrationRecord = Omit<Integration, 'api'> & {
  secretHash: string;
  api?: (Omit<NetworkApi, 'key'> & { keySealed?: string | undefined }) | undefined;
};

/** Ladder of rights: each role may do what those before it may, except that engineer sees no rounds' people. */
export const ROLES = ['viewer', 'crew', 'operator', 'engineer', 'admin'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

export const TokenInput = z.object({ role: Role, crewId: Id.optional(), label: z.string().max(200).optional() });
export type TokenInput = z.infer<typeof TokenInput>;
export const Token = TokenInput.extend({ id: Id, createdAt: Instant });
export type Token = z.infer<typeof Token>;
export const TokenCreated = z.object({ id: Id, token: z.string() });
export type TokenRecord = Token & { secretHash: string };

/** Who makes a call: a token's role within one tenant. */
export interface Principal {
  tenant: string;
  role: Role;
  tokenId: string;
  crewId?: string | undefined;
}
