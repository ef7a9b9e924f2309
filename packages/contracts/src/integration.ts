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
  /** Where its event log is asked, when that is not `url`: of ChirpStack the server itself, not chirpstack-rest-api. */
  historyUrl: z.url({ protocol: /^https?$/ }).optional(),
  applicationId: z.string().max(200).optional(),
  user: z.string().max(200).optional(),
  key: z.string().min(1).max(4000).optional(),
  /** Where `user` and `key` are exchanged for an access token (OAuth 2.0 client credentials, RFC 6749 §4.4). */
  tokenUrl: z.url({ protocol: /^https?$/ }).optional(),
  tokenAudience: z.string().max(200).optional(),
});
export type NetworkApi = z.infer<typeof NetworkApi>;

/** How to poll a vendor's cloud (source `vendor-cloud`): where its answer has the items, and in an item device and time. */
export const Poll = z.object({
  everyS: z.number().int().min(60).max(86_400).default(900),
  auth: z.enum(['none', 'bearer', 'basic', 'header']).default('bearer'),
  /** Name of the header that carries the key when `auth` is header. */
  headerName: z.string().max(100).default('x-api-key'),
  /** Dotted path to the array of items; empty = the answer is the array. */
  items: z.string().max(200).default(''),
  /** Dotted paths in an item. Without `at` the time of polling counts. */
  device: z.string().min(1).max(200),
  at: z.string().max(200).optional(),
  atUnit: z.enum(['iso', 's', 'ms']).default('iso'),
  paging: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('none') }),
      /** The answer names the address of the next page, on the same host. */
      z.object({ kind: z.literal('next-url'), field: z.string().min(1).max(200) }),
      /** The answer gives a cursor that goes back as a query parameter. */
      z.object({ kind: z.literal('cursor'), field: z.string().min(1).max(200), parameter: z.string().min(1).max(100) }),
      /** Pages are numbered; the first one without items is the end. */
      z.object({ kind: z.literal('page'), parameter: z.string().min(1).max(100), first: z.number().int().default(1) }),
    ])
    .default({ kind: 'none' }),
  /** Query parameter that asks only for what is newer than the newest item had. */
  since: z.object({ parameter: z.string().min(1).max(100), format: z.enum(['iso', 's', 'ms']) }).optional(),
});
export type Poll = z.infer<typeof Poll>;

/** How to follow the network server's own MQTT broker (The Things Stack, ChirpStack …) instead of being sent to. */
export const Follow = z.object({
  url: z.url({ protocol: /^mqtts?$/ }),
  user: z.string().max(200).optional(),
  /** Password or API key; kept encrypted and never shown. */
  key: z.string().min(1).max(4000).optional(),
  /** Topic filters; what the source publishes on unless given. */
  topics: z
    .array(z.string().min(1).max(500).regex(/^[^$]/, 'names no system topic; a group goes into "share"'))
    .min(1)
    .max(20)
    .optional(),
  /** Group of a shared subscription, where the broker has them. */
  share: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  /** MQTT 5, 4 (which is 3.1.1), or auto: 5 where the broker speaks it. */
  protocol: z.enum(['auto', '4', '5']).default('auto'),
  /** Certificates that the broker may be signed by, PEM; the well-known ones unless given. */
  caPem: z.string().max(20_000).optional(),
});
export type Follow = z.infer<typeof Follow>;

export const IntegrationInput = z
  .object({ id: Id, source: Source, api: NetworkApi.optional(), poll: Poll.optional(), follow: Follow.optional() })
  .refine(({ source, poll, api }) => source !== 'vendor-cloud' || (poll !== undefined && api !== undefined), {
    message: 'a vendor-cloud integration needs api.url and poll',
    path: ['poll'],
  })
  .refine(({ follow }) => follow?.key === undefined || follow.user !== undefined, {
    message: 'a key is sent with the name of a user (MQTT 3.1.1, 3.1.2.9)',
    path: ['follow', 'user'],
  });
export type IntegrationInput = z.infer<typeof IntegrationInput>;
/** What is shown of an integration: that it has a key, never the key. */
export const Integration = z.object({
  id: Id,
  source: Source,
  api: NetworkApi.omit({ key: true }).extend({ hasKey: z.boolean() }).optional(),
  poll: Poll.optional(),
  follow: Follow.omit({ key: true }).extend({ hasKey: z.boolean() }).optional(),
  createdAt: Instant,
});
export type Integration = z.infer<typeof Integration>;
export const IntegrationCreated = Integration.extend({ secret: z.string() });
/** What the registry keeps: the secret as a hash, the network's key sealed (see kit `seal`). */
export type IntegrationRecord = Omit<Integration, 'api' | 'follow'> & {
  secretHash: string;
  follow?: (Omit<Follow, 'key'> & { keySealed?: string | undefined }) | undefined;
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
